"""`newel client add|list|show|remove|resource`: the applications that may ask for tokens, and for decisions."""

import json
import os
import re
from argparse import ArgumentParser, Namespace
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
from newel.storage.sql.clients import add_client, client, clients, remove_client
from newel.storage.sql.registrations import unregister_all

SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
"""RFC 6749 section 3.3."""
AUDIENCE = re.compile(r"[a-z][a-z0-9+.-]*:[\x21-\x22\x24-\x7e]{1,500}")
"""An absolute URI without a fragment (RFC 8707 section 2)."""
LARGEST_JWKS = 65536


def configure(parser: ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="add|list|show|remove|resource")
    adding = commands.add_parser("add", help="register an application and print its secret, once")
    _declare_add(adding)
    listing = commands.add_parser("list", help="list all applications")
    showing = commands.add_parser("show", help="show one application")
    removing = commands.add_parser("remove", help="remove an application; what was issued to it ends as it expires")
    client_resource.declare(commands.add_parser("resource", help="resources that an application registers"))
    for one in (showing, removing):
        one.add_argument("id")
    for one in (adding, listing, showing, removing):
        add_config(one)
    for one in (adding, listing, showing):
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
        "--acr-voluntary", action="store_true", help="answer what was proven, even below what was asked"
    )
    adding.add_argument("--id-token-alg", choices=ALGORITHMS, default="ES256", help="what signs its ID tokens")
    adding.add_argument("--minimum-acr", metavar="CLASS", choices=SHIPPED.order, help="joined with everything it asks")
    adding.add_argument("--strict-audience", action="store_true", help="its assertions name the issuer alone")
    adding.add_argument("--introspects", action="store_true", help="it may introspect tokens (a resource server)")
    adding.add_argument(
        "--states", action="append", default=[], metavar="TYPE", help="a type of resource whose facts it may state"
    )


def run(options: Namespace) -> int:
    """Run the subcommand."""
    command = COMMANDS[options.command]
    return run_open(options.config, lambda everything: command(everything, options))


async def add(everything: Open, options: Namespace) -> int:
    """Register a client. Of its secret only SHA-256 is kept: it has 256 bits."""
    authentication = Authentication(options.auth)
    with_secret = authentication in {Authentication.BASIC, Authentication.POST}
    secret = os.urandom(32).hex() if with_secret else ""
    registered = Client(
        id=options.id,
        name=options.name or options.id,
        authentication=authentication,
        redirect_uris=tuple(dict.fromkeys(options.redirect_uri)),
        created_at=everything.now,
        secret_hash=secret_hash(secret) if secret else b"",
        jwks=read_jwks(options.jwks) if options.jwks else None,
        scopes=tuple(dict.fromkeys(["openid", *options.scope])),
        audience=options.audience,
        resources=tuple(dict.fromkeys(options.resource)),
        action_types=tuple(dict.fromkeys(options.action_type)),
        pkce_optional=options.pkce == "optional",
        acr_voluntary=options.acr_voluntary,
        minimum_acr=options.minimum_acr,
        id_signing=options.id_token_alg,
        strict_audience=options.strict_audience,
        introspects=options.introspects,
        states=tuple(dict.fromkeys(options.states)),
    )
    faults = client_faults(registered)
    if faults:
        raise Refusal("; ".join(faults), code=USAGE)
    await everything.commit(
        *add_client(registered),
        audit=everything.entry("client_added", client=registered.id, authentication=authentication.value),
        otherwise=f"there is a client {registered.id} already. See: newel client show {registered.id}",
    )
    if options.json:
        print_json(plain(registered) | ({"client_secret": secret} if secret else {}))
    else:
        print(f"{registered.id} is registered.")
        if secret:
            print(f"Its secret, shown this once:\n{secret}")
    return 0


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


COMMANDS = {"add": add, "list": list_, "show": show, "remove": remove, "resource": client_resource.run}
