"""Pages for tests: small tables and a hand-drawn figure, full of hostile text."""

from reports.content.figure import Axis, Figure, Panel
from reports.content.mark import Points
from reports.content.overview import Overview, Section
from reports.content.table import Column, Dual, Emphasis, Missing, Note, Number, Style, Table, Text
from reports.page import Page
from reports.render.html import visible_attribute

HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '</noscript></style></title></textarea><img src=x onerror="window.hacked = 2">',
    '" onmouseover="window.hacked = 3" \' autofocus onfocus=\'window.hacked = 4',
    "<a href=\"javascript:window.hacked = 5\">x</a><svg onload='window.hacked = 6'>",
    "<iframe srcdoc='<script>parent.hacked = 7</script>'></iframe> https://example.org/x.png",
    "{{ 7 * 7 }} {% raw %} \u202eexe.gnp\u2066 \x00 ]]> <!--",
)
COMMAND = "sugrm-search run 'spaces/demo  & co.yaml'"  # two spaces, which HTML would make one


def figure(texts):
    """Return a figure of points in a row, one a text, and its SVG element."""
    places = range(len(texts))
    marks = (Points(x=list(places), y=list(places), hover=list(texts)),)
    title = f"Points {HOSTILE[0]}"
    made = Figure(
        name="points",
        title=title,
        summary=f"Summary {HOSTILE[1]}",
        panels=(Panel(x=Axis(), y=Axis(), marks=marks),),
        notes=(f"Note {HOSTILE[2]}",),
    )
    points = "".join(
        f'<circle cx="{40 + 60 * n}" cy="{40 + 20 * n}" r="5" fill="currentColor"'
        f' data-hover="{visible_attribute(text)}"/>'
        for n, text in enumerate(texts)
    )
    return made, (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 468 230" role="img"'
        f' aria-label="Points">{points}</svg>'
    )


def trials(count):
    """Return trials whose MAE falls, rises and lacks in turn, of three states and two phases."""
    columns = (
        Column("phase", "phase", is_text=True),
        Column("trial", "trial"),
        Column("status", "status", is_text=True),
        Column("mae", "MAE", group="valid"),
        Column("acc2", "Acc-2", group="valid"),
        Column("message", "message", is_text=True),
        Column("command", "command", is_text=True),
    )
    rows = []
    for number in range(count):
        mae = ((number * 37) % 101) / 1e5 + 0.5
        rows.append(
            (
                Text("search" if number % 4 else "confirm"),
                Number(number, Style.INTEGER),
                Text(("finished", "stopped", "failed")[number % 3]),
                Missing() if number % 3 == 2 else Number(mae, Style.SCORE),
                Dual(Number(0.8 + mae / 100, Style.PERCENT), Missing()),
                Text(HOSTILE[number % len(HOSTILE)]),
                Text(f"{COMMAND} --trial {number}", code=True),
            )
        )
    return Table(
        name="trials",
        title="Trials",
        columns=columns,
        rows=tuple(rows),
        notes=(Note("Ranked on validation."),),
    )


def overview():
    """Return an overview with hostile text in every place of it."""
    columns = (Column("option", HOSTILE[0], is_text=True), Column("chosen", "chosen"))
    table = Table(name="o", title=HOSTILE[1], columns=columns, rows=((Text(HOSTILE[2]),) * 2,))
    return Overview(
        title=HOSTILE[3],
        sections=(
            Section(name="run", title=HOSTILE[4], notes=(Note(f"Attention: {HOSTILE[5]}"),)),
            Section(name="scores", title="Test metrics", notes=(Note(HOSTILE[0]),)),
            Section(name="effects", title=HOSTILE[5], table=table, notes=(Note(HOSTILE[1]),)),
            Section(name="next", title="What to do next", notes=(Note("Run:", COMMAND),)),
        ),
    )


def hostile_page(count=30):
    """Return a page with every part, hostile text in every place of it."""
    items = (Column("item", "", is_text=True), Column("value", "", is_text=True))
    summary = Table(
        name="summary",
        title="Summary",
        columns=items,
        rows=tuple((Text(t), Text(t)) for t in HOSTILE),
    )
    cards = (Column("metric", "metric"), Column("mean", "mean"), Column("seeds", HOSTILE[1]))
    best = Number(0.703, Style.SCORE, emphasis=Emphasis.BEST, verdict="better")
    key = Table(
        name="key", title="Key", columns=cards, rows=((Text(HOSTILE[0]), best, Text(HOSTILE[2])),)
    )
    wide = tuple(Column(f"c{n}", f"column {n}", group=f"group {n // 4}") for n in range(24))
    row = tuple(Number(n / 7, Style.SCORE, verdict="worse" if n % 2 else "") for n in range(24))
    return Page(
        title=f"demo {HOSTILE[0]}",
        overview=overview(),
        key_numbers=key,
        summary=summary,
        figures=(figure(["one\ntwo", *HOSTILE]),),
        tables=(
            Table(
                name="wide",
                title=HOSTILE[3],
                columns=wide,
                rows=(row, row),
                notes=tuple(Note(t, t) for t in HOSTILE),
            ),
            Table(name="empty", title="Empty", columns=cards, rows=()),
        ),
        trials=trials(count),
        provenance=tuple((text, text) for text in HOSTILE),
        command=COMMAND,
        space="\n".join(HOSTILE),
    )
