"""Plots as SVG, by hand: bars side by side, bars in pieces, lines."""

from html import escape

COLOURS = ["#2f6f9f", "#d9822b", "#5a9e4b", "#a8477e", "#7a6fb0", "#8c7a52", "#3aa6a0",
           "#c2504a", "#777777"]
WIDE, HIGH = 760, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 190, 40, 50


class Plot:
    def __init__(self, title, unit, most, names):
        self.most = most * 1.08 or 1
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}"'
            ' font-family="sans-serif" font-size="11">',
            f'<rect width="{WIDE}" height="{HIGH}" fill="white"/>']
        self.text(LEFT, 18, title, size=13)
        self.text(LEFT, 33, unit, colour="#555")
        for i in range(5):
            value = self.most * i / 4
            y = self.y(value)
            self.line(LEFT, y, WIDE - RIGHT, y, "#ddd")
            self.text(LEFT - 6, y + 4, f"{value:.3g}", anchor="end", colour="#555")
        for i, name in enumerate(names):
            y = TOP + 16 * i
            self.rect(WIDE - RIGHT + 14, y, 10, 10, COLOURS[i % len(COLOURS)])
            self.text(WIDE - RIGHT + 30, y + 9, name)

    def y(self, value):
        return TOP + (HIGH - TOP - BOTTOM) * (1 - value / self.most)

    def text(self, x, y, words, anchor="start", size=11, colour="black"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
                          f' font-size="{size}" fill="{colour}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, colour):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}"'
                          f' y2="{y2:.1f}" stroke="{colour}"/>')

    def rect(self, x, y, wide, high, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}"'
                          f' height="{high:.1f}" fill="{colour}"/>')

    def done(self):
        return "\n".join(self.parts + ["</svg>", ""])


def bars(title, unit, groups, names, values, limit=None):
    """values[group][name]: [median, least, greatest] or None."""
    most = max([v[2] for row in values for v in row if v] + [limit or 0])
    plot = Plot(title, unit, most, names)
    step = (WIDE - LEFT - RIGHT) / max(1, len(groups))
    wide = step * 0.8 / max(1, len(names))
    for g, row in enumerate(values):
        start = LEFT + step * (g + 0.1)
        for n, value in enumerate(row):
            if not value:
                continue
            x, y = start + wide * n, plot.y(value[0])
            plot.rect(x, y, wide * 0.9, plot.y(0) - y, COLOURS[n % len(COLOURS)])
            plot.line(x + wide * 0.45, plot.y(value[1]), x + wide * 0.45,
                      plot.y(value[2]), "#222")
        plot.text(start + step * 0.4, HIGH - BOTTOM + 16, groups[g], anchor="middle")
    if limit:
        plot.line(LEFT, plot.y(limit), WIDE - RIGHT, plot.y(limit), "#c00")
    return plot.done()


def stacks(title, unit, groups, names, values):
    """values[group][name]: a number; pieces of a bar stand on one another."""
    plot = Plot(title, unit, max(sum(row) for row in values), names)
    step = (WIDE - LEFT - RIGHT) / max(1, len(groups))
    for g, row in enumerate(values):
        below = 0
        for n, value in enumerate(row):
            top = plot.y(below + value)
            plot.rect(LEFT + step * (g + 0.25), top, step * 0.5, plot.y(below) - top,
                      COLOURS[n % len(COLOURS)])
            below += value
        plot.text(LEFT + step * (g + 0.5), HIGH - BOTTOM + 16, groups[g],
                  anchor="middle")
    return plot.done()


def lines(title, unit, points, names, values):
    """values[name][point]: [median, least, greatest]; points stand evenly."""
    plot = Plot(title, unit, max(v[2] for row in values for v in row), names)
    step = (WIDE - LEFT - RIGHT) / max(1, len(points))
    place = [LEFT + step * (i + 0.5) for i in range(len(points))]
    for x, point in zip(place, points):
        plot.text(x, HIGH - BOTTOM + 16, point, anchor="middle")
    for n, row in enumerate(values):
        colour = COLOURS[n % len(COLOURS)]
        for i, value in enumerate(row):
            plot.line(place[i], plot.y(value[1]), place[i], plot.y(value[2]), "#999")
            plot.rect(place[i] - 3, plot.y(value[0]) - 3, 6, 6, colour)
            if i > 0:
                plot.line(place[i - 1], plot.y(row[i - 1][0]), place[i],
                          plot.y(value[0]), colour)
    return plot.done()
