"""A QR code as inline SVG: attributes and no style, dark on white in both colour schemes."""

import io

import segno

QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks


def qr_svg(text: str) -> str:
    """Draw `text` (an otpauth address) as an `svg` element; it scales with its box."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        omitsize=True,
        border=QUIET_ZONE,
        dark="#13212a",
        light="#ffffff",
        svgclass="qr",
        lineclass=None,
    )
    return out.getvalue().decode()
