"""Text is read from files of many kinds, and hostile files are refused in words, soon, and in little memory."""

import io
import re
import subprocess
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfWriter

from provenance.documents.quotes import find_quote
from provenance.files import sandbox, texts

pytestmark = pytest.mark.one_database


def test_plain_text_is_kept_as_it_is():
    assert texts.text_of("\ufeffOne\r\n\r\n two ".encode()) == "One\n\n two "


def test_html_is_read_as_a_reader_sees_it():
    page = (
        "<!DOCTYPE html><html><head><title>No</title><style>no{}</style></head><body><h1>A title</h1>"
        "<script>no()</script><p>It <b>started</b> in\n 2010.<br>É.</p><ul><li>one</li><li>two</li></ul>"
        "<p hidden>no</p><template>no</template></body></html>"
    )
    assert texts.text_of(page.encode()) == "A title\n\nIt started in 2010.\nÉ.\n\none\n\ntwo"
    for beginning in (
        '<?xml version="1.0"?>\n',
        "<!-- a comment -->\n<!DOCTYPE html>",
        "\ufeff <!---->" + "<!-- --> " * 300,
    ):
        assert texts.text_of(f"{beginning}<html><body><p>A page</p></body></html>".encode()) == "A page"
    for piece in (b"<table><tr><td>A page</table>", b"\n<!-- saved --><DIV class=a>A page</div>", b"<p>A page"):
        assert texts.text_of(piece) == "A page"
    assert texts.text_of(b"<pages> and <div") == "<pages> and <div"
    assert texts.text_of(b"<!---->" * 500 + b"words").endswith("words")
    latin = '<html><head><meta charset="iso-8859-1"></head><body>é</body></html>'
    assert texts.text_of(latin.encode("latin-1")) == "é"


def test_pasted_text_is_never_html():
    assert texts.text_of(b"<html> is how a page begins", is_pasted=True) == "<html> is how a page begins"


def test_controls_are_left_out_and_lines_end_alike():
    data = "One\x0ctwo\u2028three\x07 four\r\rCafe\u0301\t5".encode()
    assert texts.text_of(data) == "One\ntwo\nthree four\n\nCaf\u00e9\t5"
    assert texts.text_of(b"<html><p>a\x00b\x01c&#0;&#8;</p></html>").isprintable()


# -- PDF: objects written out by hand, as no library writes what is wrong. --

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def pdf(*pages, root="", page="", more=()):
    """Return a PDF: of each of ``pages``, the bytes of its content. ``root``, ``page``: more entries of these;
    ``more``: further objects, from number 4 + 2 * pages on."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {root} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        FONT.encode(),
    ]
    for at, content in enumerate(pages):
        resources = "/Resources << /Font << /F 3 0 R >> >>" if "/Resources" not in page else ""
        objects.append(
            f"<< /Type /Page {page} /Parent 2 0 R /MediaBox [0 0 595 842] {resources}"
            f" /Contents {5 + 2 * at} 0 R >>".encode()
        )
        objects.append(packed(content))
    return assembled([*objects, *more])


def packed(content, entries=""):
    data = zlib.compress(content, 9)
    return f"<< /Length {len(data)} /Filter /FlateDecode {entries} >>\nstream\n".encode() + data + b"\nendstream"


def assembled(objects):
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer << /Root 1 0 R /Size {len(objects) + 1} >>\nstartxref\n{len(data)}\n%%EOF\n"
    return bytes(data) + end.encode()


def lines(*texts, size=12, top=800, apart=14):
    """Return the content of a page with these lines; None: an empty one."""
    shown = (
        f"1 0 0 1 50 {top - at * apart} Tm ({text.replace('(', '').replace(')', '')}) Tj"
        for at, text in enumerate(texts) if text is not None
    )  # fmt: skip
    return f"BT /F {size} Tf {' '.join(shown)} ET".encode("cp1252")


def test_lines_of_a_pdf_become_paragraphs():
    first = lines(
        "Annual report 7", "The programme began in 2010 and was led by the migra-", "tion agency of the country, a cross-",
        "border body. It is a cross-border programme of the EU-", "funded kind.", None, "A second paragraph begins here, and goes on to",
    )  # fmt: skip
    second = lines("Annual report 8", "the next page. It ends there.", "Then a third paragraph.")
    third = lines("Annual report 9", "The end of the report is here.")
    assert texts.text_of(pdf(first, second, third)).split("\n\n") == [
        "The programme began in 2010 and was led by the migration agency of the country, a cross-border body. It is a"
        " cross-border programme of the EU-funded kind.",
        "A second paragraph begins here, and goes on to the next page. It ends there.",
        "Then a third paragraph.",
        "The end of the report is here.",
    ]


def test_line_that_all_pages_repeat_stays_where_a_page_has_no_other():
    pages = [lines("The same words.", str(number)) for number in range(1, 4)]
    same = " ".join(3 * ["The same words."])
    assert texts.text_of(pdf(*pages)) == same
    assert texts.text_of(pdf(*pages, lines("The same words.", "Others.", "4"))) == f"{same} Others."


def test_quote_over_lines_and_pages_of_a_pdf_is_found():
    text = texts.text_of(
        pdf(lines("It was funded by the EU with a", "budget of EUR 3 mil-"), lines("lion until 2012."))
    )
    assert find_quote("funded by the EU with a budget of EUR 3 million until 2012.", "2012", text).verdict == "verbatim"


# -- DOCX --

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = "word/document.xml"


def docx(body, **others):
    """Return a DOCX with the XML ``body``; ``others``: files beside it, by name with _ for /."""
    xml = body if isinstance(body, bytes) else f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(BODY, xml)
        for name, data in others.items():
            archive.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def paragraph(*runs):
    return f"<w:p>{''.join(run if run.startswith('<') else f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def test_docx_is_read_as_a_reader_sees_it():
    body = (
        paragraph("It star", "ted in ", "<w:del><w:r><w:t>2009</w:t></w:r></w:del><w:ins><w:r><w:t>2010</w:t></w:r></w:ins>", ".")
        + paragraph("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>", "one<w:br/>".replace("<w:br/>", ""), "<w:r><w:br/><w:t>two</w:t></w:r>")
        + f"<w:tbl><w:tr><w:tc>{paragraph('a cell')}</w:tc></w:tr></w:tbl>" + paragraph()
    )  # fmt: skip
    notes = f'<w:footnotes xmlns:w="{WORD}"><w:footnote>{paragraph("A note.")}</w:footnote></w:footnotes>'
    assert texts.text_of(docx(body, word__footnotes="", **{"word__footnotes.xml": notes})) == (
        "It started in 2010.\n\none\ntwo\n\na cell\n\nA note."
    )


# -- What is refused --

SCRIPT = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
PAGE = lines("Some words of the page.")
ACTIVE = "holds scripts, forms or other files"
DAMAGED = "is damaged|cannot be read|no text"


def encrypted(password):
    writer = PdfWriter(clone_from=io.BytesIO(pdf(PAGE)))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def many_pages():
    kids = b"4 0 R " * 100_000
    catalog, font = b"<< /Type /Catalog /Pages 2 0 R >>", FONT.encode()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R >>"
    return assembled([catalog, b"<< /Type /Pages /Count 1 /Kids [" + kids + b"] >>", font, page, packed(PAGE)])


def deep_pages(depth):
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    nodes = [f"<< /Type /Pages /Count 1 /Kids [{at + 3} 0 R] >>".encode() for at in range(depth)]
    return assembled([catalog, *nodes, b"<< /Type /Page >>"])


def much_text():
    """10 MB of words in 50 pages of one stream."""
    content = b"BT /F 12 Tf " + b"1 0 0 1 50 700 Tm (word word word word word word word) Tj " * 3_000 + b"ET"
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents 4 0 R >>"
    )
    kids = " ".join(f"{5 + at} 0 R" for at in range(50)).encode()
    return assembled(
        [catalog, b"<< /Type /Pages /Count 50 /Kids [" + kids + b"] >>", FONT.encode(), packed(content), *[page] * 50]
    )


def locked_zip():
    data = bytearray(docx(paragraph("words")))
    for sign, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + flag] |= 1
    return bytes(data)


CYCLE = "/Resources << /Font << /F 3 0 R >> /XObject << /X 6 0 R >> >>"
LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
LAUGH = f'<!DOCTYPE html [<!ENTITY l0 "ha">{LAUGHS}]>'
HOSTILE = {
    "pdf cut off": (lambda: pdf(PAGE)[:300], DAMAGED),
    "pdf beginning only": (lambda: b"%PDF-1.7 ...", DAMAGED),
    "pdf of noise": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20_000, DAMAGED),
    "pdf encrypted": (lambda: encrypted("secret"), "is encrypted"),
    "pdf encrypted, empty password": (lambda: encrypted(""), "is encrypted"),
    "pdf without text": (lambda: pdf(b"0 0 9 9 re f"), "has no text"),
    "pdf of 100,000 pages": (many_pages, "more than 3,000 pages"),
    "pdf pages in a circle": (lambda: assembled([b"<< /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] >>"]), DAMAGED),
    "pdf pages 20,000 deep": (lambda: deep_pages(20_000), DAMAGED),
    "pdf bomb": (lambda: pdf(b" " * 100_000_000), DAMAGED),
    "pdf bomb in a bomb": (
        lambda: pdf(PAGE, page="/Contents 6 0 R", more=[
            b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%b\nendstream"
            % (len(bomb := zlib.compress(zlib.compress(b" " * 100_000_000, 9), 9)), bomb)
        ]), DAMAGED,
    ),
    "pdf of much text": (much_text, "too much text|more than 200,000"),
    "pdf of page numbers": (lambda: pdf(*(lines(str(number)) for number in range(1, 4))), "no text: its pages may be"),
    "pdf with a script on opening": (lambda: pdf(PAGE, root=f"/OpenAction {SCRIPT}"), ACTIVE),
    "pdf with a script on closing": (lambda: pdf(PAGE, root=f"/AA << /WC {SCRIPT} >>"), ACTIVE),
    "pdf with scripts by name": (lambda: pdf(PAGE, root=f"/Names << /JavaScript << /Names [(a) {SCRIPT}] >> >>"), ACTIVE),
    "pdf with a script on a page": (lambda: pdf(PAGE, page=f"/AA << /O {SCRIPT} >>"), ACTIVE),
    "pdf with a program to start": (
        lambda: pdf(PAGE, page="/Annots [<< /Subtype /Link /A << /S /Launch /F (cmd.exe) >> >>]"), ACTIVE,
    ),
    "pdf with a form": (lambda: pdf(PAGE, root="/AcroForm << /Fields [3 0 R] >>"), ACTIVE),
    "pdf with an XFA form": (lambda: pdf(PAGE, root="/AcroForm << /Fields [] /XFA (x) >>"), ACTIVE),
    "pdf with a file in it": (lambda: pdf(PAGE, root="/Names << /EmbeddedFiles << /Names [] >> >>"), ACTIVE),
    "pdf drawing that holds itself": (
        lambda: pdf(b"/X Do", page=CYCLE, more=[packed(b"/X Do", f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] {CYCLE}")]),
        DAMAGED,
    ),
    "pdf table in a circle": (lambda: pdf(PAGE).replace(b"/Size 6", b"/Size 6 /Prev %d" % pdf(PAGE).index(b"xref\n")), None),
    "pdf table at a wrong place": (lambda: re.sub(rb"startxref\n\d+", b"startxref\n7", pdf(PAGE)), None),
    "pdf with another length": (lambda: re.sub(rb"/Length \d+", b"/Length 999999999", pdf(PAGE)), DAMAGED),
    "html of many paragraphs": (lambda: b"<html>" + b"<p>word " * 200_000, "too much|cannot be read|more than"),
    "html 3,000,000 deep": (lambda: b"<html>" + b"<div>" * 3_000_000 + b"x", "cannot be read|no text|more than"),
    "html of entities": (lambda: f"{LAUGH}<html><body>&l9;</body></html>".encode(), None),
    "html of a script": (lambda: b"<html><script>nothing</script></html>", "no text"),
    "html of attributes": (lambda: b"<html><p " + b"a=b " * 4_000_000 + b">", "cannot be read|no text"),
    "docx bomb": (lambda: docx(f'<w:p xml:space="{" " * 60_000_000}"/>'), "too much"),
    "docx of entities": (lambda: docx(f'{LAUGH}<w:p xmlns:w="{WORD}"/>'.encode()), "damaged|declares a document type"),
    "docx that asks for a file": (
        lambda: docx(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'), "damaged|declares a document type",
    ),
    "docx with nothing in it": (lambda: b"PK\x05\x06" + bytes(18), "an archive with nothing in it"),
    "docx with macros": (lambda: docx(paragraph("words"), word__vbaProject="", **{"word__vbaProject.bin": "x"}), "holds macros"),
    "docx with a password": (locked_zip, "damaged"),
    "docx 100,000 deep": (lambda: docx("<w:p>" * 100_000 + "</w:p>" * 100_000), "damaged"),
    "docx cut off": (lambda: docx(paragraph("words"))[:60], "damaged"),
    "workbook": (lambda: docx(paragraph("x")).replace(b"word/document.xml", b"xl/workbookxx.xml"), "only DOCX"),
    "old office file": (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 500, "old form, or has a password"),
    "utf-16": (lambda: b"\xff\xfe\x00a", "no plain text in UTF-8"),
    "NUL": (lambda: b"a\x00b", "NUL"),
    "blank": (lambda: b" \n ", "no text"),
    "controls only": (lambda: b"\x07\x1b \x7f", "no text"),
    "large": (lambda: b"x" * (texts.LARGEST + 1), "more than 20 MB"),
    "long": (lambda: b"x" * (texts.LONGEST + 1), "more than 200,000 characters"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_words(monkeypatch, name):
    monkeypatch.setattr(texts, "LONGEST", 200_000)
    make, words = HOSTILE[name]
    try:
        text = texts.text_of(make())
    except ValidationError as error:
        assert words, error.messages
        assert re.search(words, error.messages[0]), error.messages
        assert "Traceback" not in error.messages[0]
    else:
        assert not words, f"read: {text[:80]!r}"
        assert len(text) < 1000


def test_reader_that_asks_for_all_memory_or_time_is_stopped(tmp_path):
    reader = tmp_path / "reader.py"
    for code in ("bytes(600 * 2**20)", "while True: pass"):
        reader.write_text(code)
        assert subprocess.run(sandbox.command(reader, texts.MEMORY, 1), capture_output=True).returncode
