"""Drafts as office programs and printers write them, and as people who mean harm do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pypdf

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="Heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="House"/><w:basedOn w:val="H2"/></w:style>
<w:style w:type="paragraph" w:styleId="C"><w:name w:val="caption"/></w:style>
<w:style w:type="paragraph" w:styleId="L"><w:name w:val="List Bullet"/>
<w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/>
<w:basedOn w:val="Loop"/></w:style>
</w:styles>"""
CORE = """<cp:coreProperties
xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
<dc:title>Core title</dc:title><dc:creator>Ann Example</dc:creator>
<dcterms:created>2024-06-14T09:00:00Z</dcterms:created></cp:coreProperties>"""


def paragraph(text: str, *, style: str = "", before: str = "") -> str:
    """A paragraph of one run."""
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{named}{before}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx(
    body: str,
    *,
    relations: Sequence[tuple[str, str, str]] = (),
    parts: dict[str, str | bytes] | None = None,
    main: str = "word/document.xml",
) -> bytes:
    """A document with this body; `relations` are ids, kinds and targets."""
    linked = "".join(
        f'<Relationship Id="{id_}" Type="{KIND}{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for id_, kind, target in [("s", "styles", "styles.xml"), *relations]
    )
    head = f'<Relationships xmlns="{PACKAGE}relationships">'
    first = f'<Relationship Id="d" Type="{KIND}officeDocument" Target="{main}"/>'
    names: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}content-types"/>',
        "_rels/.rels": f"{head}{first}</Relationships>",
        "word/_rels/document.xml.rels": f"{head}{linked}</Relationships>",
        "word/styles.xml": STYLES,
        "docProps/core.xml": CORE,
        main: f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>',
    }
    return archive(names | (parts or {}))


def archive(parts: dict[str, str | bytes]) -> bytes:
    """A packed file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()


Words = tuple[float, float, float, str]  # x, y, height and text
BOLD = "*"  # before a text


def pdf(*pages: Sequence[Words], title: str = "") -> bytes:
    """A PDF with these words on its pages, written by hand as a simple program writes it."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({title}) /CreationDate (D:20240614090000Z) >>".encode("cp1252"),
    ]
    numbers = []
    for page in pages:
        drawn = "\n".join(
            f"BT /{'B' if text.startswith(BOLD) else 'F'} {height} Tf 1 0 0 1 {x} {y} Tm "
            f"({_escaped(text.removeprefix(BOLD))}) Tj ET"
            for x, y, height, text in page
        ).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        numbers.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F 3 0 R /B 4 0 R >> >> >>" % len(objects)
        )
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(numbers)} >>".encode()
    out = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    )


def locked(payload: bytes, password: str) -> bytes:
    """The same PDF, encrypted for readers; without a password only for editors."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(payload))
    writer.encrypt(password, "owner", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
