"""A choice under a picture: its lines by name, and what each says when it is picked."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from analysis.reports.words import text


def line_picker(figure: Figure, said: Mapping[str, str]) -> str:
    """HTML of the choice; the page's script shows it and marks the picked line in the picture.

    Parameters
    ----------
    figure : Figure
        Already drawn; its first panel names the lines at the vertical axis.
    said : mapping of str to str
        What each line says, by its name at the axis; lines that are not named are left out.

    Returns
    -------
    str
        Empty where no line is named. Escaped.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> from analysis.reports.pictures import new_figure
    >>> figure, (axis,) = new_figure()
    >>> _ = axis.set_yticks([0, 1], ["men", "women"]), axis.set_ylim(1.5, -0.5)
    >>> figure.canvas.draw()
    >>> page = line_picker(figure, {"women": "women gain <more>"})
    >>> 'data-words="women gain &lt;more&gt;">women</option>' in page, ">men</option>" in page
    (True, False)
    >>> line_picker(figure, {})
    ''
    >>> plt.close(figure)
    """
    options = [
        f'<option data-top="{top:.2f}" data-height="{height:.2f}" '
        f'data-words="{text(said[name])}">{text(name)}</option>'
        for name, (top, height) in _line_places(figure).items()
        if name in said
    ]
    if not options:
        return ""
    return (
        '<div class="pick" data-pick="" hidden><label>Pick a line of the picture '
        f"<select><option>all lines</option>{''.join(options)}</select></label>"
        '<p role="status"></p></div>'
    )


def _line_places(figure: Figure) -> dict[str, tuple[float, float]]:
    """Where each named line of a drawn picture stands: top and height, in percent of its height.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> from analysis.reports.pictures import new_figure
    >>> figure, (axis,) = new_figure()
    >>> _ = axis.set_yticks([0, 1], ["men", "women"]), axis.set_ylim(1.5, -0.5)
    >>> figure.canvas.draw()
    >>> places = _line_places(figure)
    >>> round(places["men"][0] + places["men"][1], 6) == round(places["women"][0], 6)
    True
    >>> plt.close(figure)
    """
    axis = figure.axes[0]
    whole = figure.bbox.height
    places = {}
    for place, label in zip(axis.get_yticks(), axis.get_yticklabels(), strict=True):
        edges = axis.transData.transform([(0, place - 0.5), (0, place + 0.5)])[:, 1]
        top, bottom = (100 * (1 - edge / whole) for edge in (edges.max(), edges.min()))
        places[label.get_text()] = (float(top), float(bottom - top))
    return places
