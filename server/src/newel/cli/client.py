"""`newel client add|change|list|show|remove|resource`: the applications that may ask for tokens, and for decisions."""

import json
import os
import re
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from pathlib import Path
from typing import Any

from newel.cli import client_resource
from newel.cli.arguments import add_config, add_json
from newel.cli.identifier import IDENTIFIER
from newel.cli.opening import Open, run_open
from newel.cli.printing import moment, print_json, print_pairs, print_table
from newel.cli.redirect import redirect_uri_fault
from newel.cli.refusal import USAGE, Refusal
from newel.cli.signing import ALGORITHMS
from newel.crypto.hashing import secret_hash
from newel.crypto.jwk import KeySet
from newel.domain.assurance import SHIPPED
from newel.domain.client import Authentication, Client
from newel.domain.value import replace
from newel.storage.sql.clients import add_client, client, clients, remove_client, replace_client
from newel.storage.sql.registrations import unregister_all

SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
"""RFC 6749 section 3.3."""
AUDIENCE = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x22\x24-\x7e]{1,500}")
"""An absolute URI without a fragment (RFC 8707 section 2)."""
LARGEST_JWKS = 65536
WITH_SECRET = frozenset({Authentication.BASIC, Authentication.POST})
OPTIONS = {
    "name": "name",
    "redirect_uri": "redirect_uris",
    "auth": "authentication",
    "jwks": "jwks",
    "scope": "scopes",
    "audience": "audience",
    "resource": "resources",
    "action_type": "action_types",
    "pkce": "pkce_optional",
    "acr_voluntary": "acr_voluntary",
    "id_token_alg": "id_signing",
    "minimum_acr": "minimum_acr",
    "strict_audience": "strict_audience",
    "introspects": "introspects",
    "states": "states",
}
"""Options, and the member of a client that each gives."""
CLEARED = (("audience", ""), ("minimum_acr", "none"))
"""What takes a member away."""
LISTS = ("redirect_uris", "scopes", "resources", "action_types", "states")


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="add|change|list|show|remove|resource")
    adding = commands.add_parser("add", help="register an application and print its secret, once")
    _declare_add(adding)
    changing = commands.add_parser("change", help="change what is given of an application; all else stays")
    _declare_add(changing)
    changing.add_argument("--new-secret", action="store_true", help="print another secret, once; the old one ends now")
    changing.set_defaults(**dict.fromkeys(OPTIONS))
    listing = commands.add_parser("list", help="list all applications")
    showing = commands.add_parser("show", help="show one application")
    removing = commands.add_parser("remove", help="remove an application; what was issued to it ends as it expires")
    client_resource.declare(commands.add_parser("resource", help="resources that an application registers"))
    for one in (showing, removing):
        one.add_argument("id")
    for one in (adding, changing, listing, showing, removing):
        add_config(one)
    for one in (adding, changing, listing, showing):
        add_json(one)


def _declare_add(adding: ArgumentParser) -> None:
    ways = [way.value for way in Authentication]
    adding.add_argument("id", help="its client_id: letters, digits and . _ -")
    adding.add_argument("--name", help="its name on pages (default: the id)")
    adding.add_argument("--redirect-uri", action="append", default=[], metavar="URI", help="where answers go, exactly")
    adding.add_argument("--auth", choices=ways, default=ways[0], help=f"how it authenticates (default: {ways[0]})")
    adding.add_argument("--jwks", type=Path, metavar="FILE", help="its public keys, for private_key_jwt")
    adding.add_argument("--scope", action="append", default=[], help="a scope it may ask for (openid always)")
    adding.add_argument("--audience", metavar="URI", help="whom its access tokens are for (default: the issuer)")
    adding.add_argument(
        "--resource", action="append", default=[], metavar="URI", help="another audience it may ask for"
    )
    adding.add_argument(
        "--action-type", action="append", default=[], metavar="T", help="a kind of action it may ask to bind"
    )
    adding.add_argument(
        "--pkce", choices=("required", "optional"), default="required", help="optional: old confidential ones"
    )
    adding.add_argument(
        "--acr-voluntary",
        action=BooleanOptionalAction,
        default=False,
        help="answer what was proven, even below what was asked",
    )
    adding.add_argument("--id-token-alg", choices=ALGORITHMS, default="ES256", help="what signs its ID tokens")
    adding.add_argument(
        "--minimum-acr", metavar="CLASS", choices=(*SHIPPED.order, "none"), help="joined with everything it asks"
    )
    adding.add_argument(
        "--strict-audience", action=BooleanOptionalAction, default=False, help="its assertions name the issuer alone"
    )
    adding.add_argument(
        "--introspects",
        action=BooleanOptionalAction,
        default=False,
        help="it may introspect tokens (a resource server)",
    )
    adding.add_argument(
        "--states", action="append", default=[], metavar="TYPE", help="a type of resource whose facts it may state"
    )


def run(options: Namespace) -> int:
    """Run the subcommand."""
    command = COMMANDS[options.command]
    return run_open(options.config, lambda everything: command(everything, options))


def _given(options: Namespace) -> dict[str, Any]:
    """The members of a client that the command line gives, checked one by one later; a list is given as a whole."""
    given: dict[str, Any] = {member: getattr(options, name) for name, member in OPTIONS.items()}
    for name in LISTS:
        if given[name] is not None:
            given[name] = tuple(dict.fromkeys(filter(None, given[name])))
    if given["scopes"] is not None:
        given["scopes"] = tuple(dict.fromkeys(("openid", *given["scopes"])))
    if given["authentication"] is not None:
        given["authentication"] = Authentication(given["authentication"])
    if given["pkce_optional"] is not None:
        given["pkce_optional"] = given["pkce_optional"] == "optional"
    if given["jwks"] is not None:
        given["jwks"] = read_jwks(given["jwks"])
    return {
        member: None if (member, value) in CLEARED else value for member, value in given.items() if value is not None
    }


async def add(everything: Open, options: Namespace) -> int:
    """Register a client. Of its secret only SHA-256 is kept: it has 256 bits."""
    given = {"name": options.id, **_given(options)}
    secret = os.urandom(32).hex() if given["authentication"] in WITH_SECRET else ""
    registered = Client(
        id=options.id, created_at=everything.now, secret_hash=secret_hash(secret) if secret else b"", **given
    )
    _check(registered)
    await everything.commit(
        *add_client(registered),
        audit=everything.entry("client_added", client=registered.id, authentication=registered.authentication.value),
        otherwise=f"there is a client {registered.id} already. See: newel client show {registered.id}",
    )
    _tell(registered, secret, options, "is registered")
    return 0


async def change(everything: Open, options: Namespace) -> int:
    """Change what is given of a client; what was issued to it stays as it is."""
    before = await everything.store.one(client(options.id))
    if before is None:
        raise Refusal(f"there is no client {options.id}. See: newel client list")
    given = _given(options)
    if given.get("authentication", before.authentication) is not Authentication.PRIVATE_KEY_JWT:
        given["jwks"] = given.get("jwks")
    changed = replace(before, **given)
    secret = ""
    if changed.authentication not in WITH_SECRET:
        if options.new_secret:
            raise Refusal(f"{options.id} authenticates by {changed.authentication.value}: it has no secret", code=USAGE)
        changed = replace(changed, secret_hash=b"")
    elif options.new_secret or not before.secret_hash:
        secret = os.urandom(32).hex()
        changed = replace(changed, secret_hash=secret_hash(secret))
    _check(changed)
    members = sorted(
        name for name in (*OPTIONS.values(), "secret_hash") if getattr(changed, name) != getattr(before, name)
    )
    if not members:
        raise Refusal(f"{options.id} is so already: nothing was changed", code=USAGE)
    await everything.commit(
        *replace_client(changed),
        audit=everything.entry("client_changed", client=changed.id, changed=members),
        otherwise=f"there is no client {options.id} any more",
    )
    _tell(changed, secret, options, "is changed")
    return 0


def _check(registered: Client) -> None:
    faults = client_faults(registered)
    if faults:
        raise Refusal("; ".join(faults), code=USAGE)


def _tell(registered: Client, secret: str, options: Namespace, done: str) -> None:
    if options.json:
        print_json(plain(registered) | ({"client_secret": secret} if secret else {}))
        return
    print(f"{registered.id} {done}.")
    if secret:
        print(f"Its secret, shown this once:\n{secret}")


def client_faults(registered: Client) -> list[str]:
    """What keeps a client from being registered, in words."""
    found = [f"--redirect-uri {uri} {fault}" for uri in registered.redirect_uris if (fault := redirect_uri_fault(uri))]
    found += [
        f"--scope {scope!r} is not a scope (RFC 6749 section 3.3)"
        for scope in registered.scopes
        if not SCOPE.fullmatch(scope)
    ]
    for audience in (*registered.resources, *filter(None, [registered.audience])):
        if not AUDIENCE.fullmatch(audience):
            found.append(f"{audience} is not an absolute URI without a fragment")
    types = [("--action-type", one) for one in registered.action_types]
    types += [("--states", one) for one in registered.states]
    found += [
        f"{name} {one!r}: write for example bank.transfer" for name, one in types if not IDENTIFIER.fullmatch(one)
    ]
    checks = (
        (IDENTIFIER.fullmatch(registered.id), "an id has 1 to 64 letters, digits and . _ -"),
        (registered.name.isprintable() and registered.name.strip(), "--name takes printable characters"),
        (
            registered.redirect_uris or registered.introspects or registered.states,
            "at least one --redirect-uri is needed, or --introspects, or --states",
        ),
        (
            (registered.authentication is Authentication.PRIVATE_KEY_JWT) == (registered.jwks is not None),
            "--auth private_key_jwt and --jwks FILE go together",
        ),
        (not (registered.public and registered.pkce_optional), "a public client always uses PKCE"),
        (not (registered.public and registered.introspects), "a public client cannot introspect"),
        (not (registered.public and registered.states), "a public client cannot ask for decisions"),
    )
    return found + [words for holds, words in checks if not holds]


def read_jwks(file: Path) -> dict[str, Any]:
    """The public keys in a file. Refusal where one is private, weak or broken (RFC 7517, S26)."""
    try:
        with file.open("rb") as opened:
            jwks = json.loads(opened.read(LARGEST_JWKS))
        if not KeySet.from_jwks(jwks).keys:
            raise Refusal(f"{file} holds no key that signs", code=USAGE)
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}", code=USAGE) from error
    except (ValueError, AttributeError) as error:
        raise Refusal(f"{file} is not a JWK Set of good public keys: {error}", code=USAGE) from error
    return {"keys": jwks["keys"]}


async def list_(everything: Open, options: Namespace) -> int:
    """List every client."""
    found = await everything.store.all(clients())
    if options.json:
        print_json([plain(one) for one in found])
    else:
        rows = [(one.id, one.name, one.authentication.value, " ".join(one.redirect_uris)) for one in found]
        print_table(("id", "name", "authentication", "redirect URIs"), rows)
    return 0


async def show(everything: Open, options: Namespace) -> int:
    """Show one client."""
    found = await everything.store.one(client(options.id))
    if found is None:
        raise Refusal(f"there is no client {options.id}. See: newel client list")
    if options.json:
        print_json(plain(found))
        return 0
    print_pairs(
        {
            "id": found.id,
            "name": found.name,
            "authentication": found.authentication.value,
            "redirect URIs": " ".join(found.redirect_uris) or "none",
            "scopes": " ".join(found.scopes),
            "audience": found.audience or everything.config.issuer,
            "resources": " ".join(found.resources) or "none",
            "action types": " ".join(found.action_types) or "none",
            "PKCE": "optional" if found.pkce_optional else "required",
            "acr": "voluntary" if found.acr_voluntary else "as asked, or an error",
            "minimum acr": found.minimum_acr or "none",
            "introspects": "yes" if found.introspects else "no",
            "states facts of": " ".join(found.states) or "none",
            "registered": moment(found.created_at),
        }
    )
    return 0


async def remove(everything: Open, options: Namespace) -> int:
    """Remove a client with its resources; its codes and refresh tokens are refused from now on."""
    await everything.commit(
        *remove_client(options.id),
        unregister_all(options.id),
        audit=everything.entry("client_removed", client=options.id),
        otherwise=f"there is no client {options.id}. See: newel client list",
    )
    print(f"{options.id} is removed.")
    return 0


def plain(registered: Client) -> dict[str, object]:
    """A client as JSON, in the words of RFC 7591 where it has them; never its secret's hash."""
    return {
        "client_id": registered.id,
        "client_name": registered.name,
        "token_endpoint_auth_method": registered.authentication.value,
        "redirect_uris": list(registered.redirect_uris),
        "scope": " ".join(registered.scopes),
        "audience": registered.audience,
        "resources": list(registered.resources),
        "action_types": list(registered.action_types),
        "pkce": "optional" if registered.pkce_optional else "required",
        "acr_voluntary": registered.acr_voluntary,
        "minimum_acr": registered.minimum_acr,
        "id_token_alg": registered.id_signing,
        "introspects": registered.introspects,
        "states": list(registered.states),
        "created_at": registered.created_at,
    }


COMMANDS = {
    "add": add,
    "change": change,
    "list": list_,
    "show": show,
    "remove": remove,
    "resource": client_resource.run,
}
