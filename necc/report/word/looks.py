"""The look of a Word document: page, styles, bullets, properties. Nothing of the library's own template is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from necc.core.extras import need
from necc.core.text import for_xml, shorten
from necc.report.stable import moment

if TYPE_CHECKING:
    from docx.document import Document

FONT = "Arial"
PAGE_MM = (210, 297)
LONGEST_HEAD = 120  # characters of the title at the head of each page
MARGIN_MM = (18, 20)  # left and right, top and bottom: 174 mm of text, a journal's full width
TEXT_MM = PAGE_MM[0] - 2 * MARGIN_MM[0]
LANDSCAPE_MM = PAGE_MM[1] - 2 * MARGIN_MM[0]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DROPPED = ("thumbnail", "stylesWithEffects", "customXml", "webSettings")


@dataclass(frozen=True)
class _Look:
    """A style of paragraphs: type and space in points; `lead` and `trail` stand before and after the spacing."""

    name: str
    points: float = 10
    bold: bool = False
    before: float = 0
    after: float = 3
    line: int = 240  # 240 is single
    lead: str = ""
    trail: str = ""
    type: str = ""
    own: bool = False


_KEEP, _GREY = "<w:keepNext/><w:keepLines/>", '<w:color w:val="404040"/>'
_LOOKS = (
    _Look("Title", 18, True, 0, 6, lead=_KEEP),
    _Look("heading 1", 14, True, 18, 6, lead=_KEEP, trail='<w:outlineLvl w:val="0"/>'),
    _Look("heading 2", 11, True, 12, 3, lead=_KEEP, trail='<w:outlineLvl w:val="1"/>'),
    _Look("caption", 9.5, before=6, after=4, lead="<w:keepLines/>"),
    _Look("List Bullet", line=264, lead='<w:numPr><w:numId w:val="1"/></w:numPr>', trail="<w:contextualSpacing/>"),
    _Look("header", 8, after=0, trail='<w:jc w:val="center"/>', type=_GREY),
    _Look("footer", 8, after=0, trail='<w:jc w:val="center"/>', type=_GREY),
    _Look("Table Text", 9, before=1.5, after=1.5, own=True),
    _Look("Table Note", 8, before=2, after=0, own=True),
    _Look("Figure", before=12, after=2, lead=_KEEP, own=True),
    _Look("Not Made", before=6, after=6, type="<w:i/><w:iCs/>", own=True),
    _Look("List of Exhibits", lead='<w:tabs><w:tab w:val="left" w:pos="1247"/></w:tabs>',
          trail='<w:ind w:left="1247" w:hanging="1247"/>', own=True),
)  # fmt: skip


def xml(text: str) -> str:
    """A text as it stands between tags."""
    return escape(for_xml(text))


def attribute(text: str) -> str:
    """A text as the value of an attribute, with its quotes; on one line."""
    return quoteattr(" ".join(for_xml(text).split()))


def elements(text: str) -> list[Any]:
    """Elements of WordprocessingML, whose prefix is `w`."""
    from docx.oxml import parse_xml

    return list(parse_xml(f'<w:body xmlns:w="{W}">{text}</w:body>'))


def blank(title: str, notice: str, day: date | None) -> Document:
    """An empty document: A4, its styles, the notice at the head of each page, the page's number at its foot."""
    need("docx", "report", "a Word document")
    import docx
    from docx.shared import Mm

    document = docx.Document()
    _drop(document.part.package.rels)
    _drop(document.part.rels)
    _replace(document.styles.element, _styles())
    _replace(document.part.numbering_part.element, _BULLETS)
    _replace(document.settings.element, _SETTINGS)
    for part in document.part.package.iter_parts():
        if part.partname.endswith("/app.xml"):
            part._blob = _APP  # noqa: SLF001 - the library offers no way to say which program it was
    section = document.sections[0]
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.left_margin = section.right_margin = Mm(MARGIN_MM[0])
    section.top_margin = section.bottom_margin = Mm(MARGIN_MM[1])
    section.header_distance = section.footer_distance = Mm(9)
    section.header.paragraphs[0].text = for_xml(" \u00b7 ".join(filter(None, (shorten(title, LONGEST_HEAD), notice))))
    foot = section.footer.paragraphs[0]
    for piece in ("Page ", "PAGE", " of ", "NUMPAGES"):
        for run in elements(field(piece, "1") if piece.isupper() else f"<w:r>{words(piece)}</w:r>"):
            foot._p.append(run)
    _properties(document, title, day)
    return document


def words(text: str) -> str:
    """A text within a run; a line break where it has one."""
    return "<w:br/>".join(f'<w:t xml:space="preserve">{xml(line)}</w:t>' for line in text.split("\n"))


def field(instruction: str, shown: str, looks: str = "") -> str:
    """The runs of a field with what it shows already in place: right without an update, and no prompt for one."""
    rpr = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return (
        f'<w:r>{rpr}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{rpr}<w:instrText xml:space="preserve"> {xml(instruction)} </w:instrText></w:r>'
        f'<w:r>{rpr}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{rpr}{words(shown)}</w:r>"
        f'<w:r>{rpr}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def _drop(relations: Any) -> None:
    for key in [key for key, relation in relations.items() if relation.reltype.rpartition("/")[2] in DROPPED]:
        del relations[key]


def _replace(old: Any, inner: str) -> None:
    for child in list(old):
        old.remove(child)
    old.extend(elements(inner))


def _properties(document: Document, title: str, day: date | None) -> None:
    known = document.core_properties
    known.title, known.language, known.revision = for_xml(title)[:255], "en-GB", 1
    known.author = known.comments = known.last_modified_by = known.keywords = known.subject = known.category = ""
    known.created = known.modified = moment(day)


# ---------------------------------------------------------------- parts of the package
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/extended-properties"><Application>necc</Application></Properties>'
)
_SETTINGS = (
    '<w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/>'
    '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
    'w:val="15"/></w:compat><w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/>'
)
_BULLETS = (
    '<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="bullet"/><w:lvlText w:val="\u2022"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="340" '
    f'w:hanging="340"/></w:pPr><w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/></w:rPr></w:lvl>'
    '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
)


def _styles() -> str:
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    # the language stands in the styles: a screen reader asks there, not in the properties
    language = '<w:lang w:val="en-GB" w:eastAsia="en-GB" w:bidi="ar-SA"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val="20"/><w:szCs w:val="20"/>{language}</w:rPr>'
        '</w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>"
    )
    normal = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph '
        'Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority '
        'w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/>'
        "</w:style>"
    )
    return defaults + normal + "".join(map(_style, _LOOKS))


def style_id(name: str) -> str:
    """The name of a style as paragraphs refer to it.

    Example:
        >>> from necc.report.word.looks import style_id
        >>> style_id("heading 1"), style_id("Table Text")
        ('Heading1', 'TableText')
    """
    return "".join(word[:1].upper() + word[1:] for word in name.split())


def _style(look: _Look) -> str:
    spacing = (
        f'<w:spacing w:before="{round(20 * look.before)}" w:after="{round(20 * look.after)}" w:line="{look.line}" '
        'w:lineRule="auto"/>'
    )
    weight = "<w:b/><w:bCs/>" if look.bold else ""
    size = f'<w:sz w:val="{round(2 * look.points)}"/><w:szCs w:val="{round(2 * look.points)}"/>'
    following = '<w:next w:val="Normal"/>' if look.bold else ""
    own = ' w:customStyle="1"' if look.own else ""
    return (
        f'<w:style w:type="paragraph"{own} w:styleId="{style_id(look.name)}">'
        f'<w:name w:val="{look.name}"/><w:basedOn w:val="Normal"/>{following}<w:qFormat/>'
        f"<w:pPr>{look.lead}{spacing}{look.trail}</w:pPr><w:rPr>{weight}{look.type}{size}</w:rPr></w:style>"
    )
