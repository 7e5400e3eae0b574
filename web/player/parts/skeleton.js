// The shape of a page that is on its way. Nothing of it is read out: the page says that it is busy.
import { html } from 'lit-html';

const many = (count, draw) => Array.from({ length: count }, draw);
const cards = () => html`<div class="grid">${many(12, () => html`<div class="bone-card"><i class="bone square"></i><i class="bone line"></i><i class="bone line short"></i></div>`)}</div>`;
const rows = () => html`<div class="bone-rows">${many(10, () => html`<div><i class="bone small"></i><i class="bone line"></i></div>`)}</div>`;
const hero = () => html`<div class="hero"><i class="bone square cover"></i><div><i class="bone line short"></i><i class="bone line tall"></i><i class="bone line"></i></div></div>`;

const SHAPES = { grid: cards, rows, hero: () => html`${hero()}${rows()}`, text: () => html`${many(5, () => html`<i class="bone line"></i>`)}` };

export const skeleton = (shape) => html`<div class="skeleton" aria-hidden="true">${SHAPES[shape]()}</div>`;
