"""Measure the contrast of the texts on a page, as WCAG 2.1 defines it (success criterion 1.4.3)."""

from __future__ import annotations

from typing import Any

LEAST = 4.5
LEAST_LARGE = 3.0
"""For texts of 24 px, or of 18.66 px in bold, and more."""

MEASURE = """([least, leastLarge]) => {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => {
    const mix = (name) => top[name] * top.a + below[name] * (1 - top.a);
    return { r: mix("r"), g: mix("g"), b: mix("b"), a: 1 };
  };
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      layers.push(parse(getComputedStyle(one).backgroundColor));
    }
    const paper = { r: 255, g: 255, b: 255, a: 1 };
    return layers.reverse().reduce((below, layer) => over(layer, below), paper);
  };
  const luminance = ({ r, g, b }) => {
    const linear = (part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const weak = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.textContent.trim();
    const isSeen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text || !isSeen) continue;
    if (element.closest("svg, :disabled")) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ground = behind(element);
    const found = contrast(over(parse(style.color), ground), ground);
    const enough = isLarge ? leastLarge : least;
    if (found < enough) weak.push(`${text.slice(0, 30)}: ${found.toFixed(2)}`);
  }
  return weak;
}"""


def weak_texts(page: Any) -> list[str]:
    """List the visible texts of a page whose contrast is too weak, with their contrast."""
    weak: list[str] = page.evaluate(MEASURE, [LEAST, LEAST_LARGE])
    return weak
