"""Build what webapp/static holds ready-made: app.css (Tailwind + daisyUI), icons.svg (Tabler) and the vendor
manifest.

python tools/build_css.py           write the files
python tools/build_css.py --check   write nothing; exit 1 and name the files that are not up to date
"""

import hashlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "webapp" / "static"
VENDOR = STATIC / "vendor"
MANIFEST = VENDOR / "MANIFEST.sha256"
SVG = "http://www.w3.org/2000/svg"


def stylesheet() -> bytes:
    """The minified stylesheet for the classes that the templates and app.js use."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "app.css"
        tailwind = str(Path(sys.executable).parent / "tailwindcss")
        command = [tailwind, "--input", str(STATIC / "src" / "app.css"), "--output", str(output), "--minify"]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if run.returncode:
            raise SystemExit(run.stderr)
        return output.read_bytes()


def sprite() -> bytes:
    """One SVG with a symbol for each vendored icon, named like its file."""
    parts = [f'<svg xmlns="{SVG}">', "<!-- Tabler Icons, MIT, see vendor/tabler-icons-3.51.0/LICENSE -->"]
    for path in sorted(VENDOR.glob("tabler-icons-*/*.svg")):
        drawing = ET.parse(path).getroot()  # noqa: S314 (vendored files with a checked sum)
        shapes = "".join(_shape(shape) for shape in drawing if shape.get("stroke") != "none")
        parts.append(f'<symbol id="{path.stem}" viewBox="0 0 24 24">{shapes}</symbol>')
    return "\n".join([*parts, "</svg>", ""]).encode()


def _shape(shape: ET.Element) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in shape.attrib.items())
    return f"<{shape.tag.removeprefix(f'{{{SVG}}}')}{attributes}/>"


def manifest() -> bytes:
    """A `sha256sum -c` list of every vendored file."""
    files = sorted(path for path in VENDOR.rglob("*") if path.is_file() and path != MANIFEST)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(VENDOR).as_posix()}\n"
        for path in files
    ).encode()


BUILT: dict[Path, Callable[[], bytes]] = {
    MANIFEST: manifest,
    STATIC / "icons.svg": sprite,
    STATIC / "app.css": stylesheet,
}


def stale() -> list[str]:
    """Names of the built files that differ from what their sources give."""
    return [path.name for path, build in BUILT.items() if not path.is_file() or path.read_bytes() != build()]


def main(arguments: list[str]) -> int:
    """Build, or with --check only compare."""
    if "--check" in arguments:
        names = stale()
        if names:
            print(f"not up to date: {', '.join(names)}; run python tools/build_css.py", file=sys.stderr)
        return 1 if names else 0
    for path, build in BUILT.items():
        path.write_bytes(build())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
