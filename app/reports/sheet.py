"""A poster as it is printed: the address that opens the report page, as a QR code and as something to type."""

from dataclasses import dataclass

from app.clinics.models import Clinic
from app.reports.models import Poster
from app.reports.posters import Codes, spaced

QUIET = 4  # modules of white around, without which cameras do not find it
LEVEL = "q"  # still read with a quarter of it soiled or torn
PRINTED_MM = 90  # 30 is the least that a phone reads at arm's length


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size`: modules on a side, the white around included; `path`: the dark ones, as the `d` of an SVG path."""

    size: int
    path: str
    mm: int = PRINTED_MM


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on it. `typed_at`: the short address, without its scheme."""

    clinic: Clinic
    poster: Poster
    qr: QrCode
    typed_at: str
    code: str


def sheet(base_url: str, clinic: Clinic, poster: Poster, codes: Codes) -> Sheet:
    """The token stands behind the #, which no server and no proxy ever sees, so it is in no log."""
    qr = qr_code(f"{base_url}/report#{codes.token}")
    return Sheet(clinic, poster, qr, f"{base_url.partition('://')[2]}/r", spaced(codes.code))


def qr_code(text: str) -> QrCode:
    import segno  # loaded by the few who print: an idle server does without

    rows = [list(row) for row in segno.make(text, error=LEVEL, boost_error=False, micro=False).matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                runs.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
            x = end + 1
    return QrCode(len(rows) + 2 * QUIET, "".join(runs))
