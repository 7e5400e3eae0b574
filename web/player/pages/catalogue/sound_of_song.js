// How a song sounds, in words and bars: what was measured, told so that it can be understood.
import { html, nothing } from 'lit-html';
import { t } from '../../language/language.js';

const FEATURES = ['energy', 'danceability', 'valence'];

// Beats a minute as musicians' ranges of speed.
export const paceOf = (tempo) => (tempo < 76 ? 'slow' : tempo < 108 ? 'walking' : tempo < 132 ? 'lively' : 'fast');

const bar = (name, value) => html`<li class="feature"><div><strong id="feature-${name}">${t(`catalogue.${name}`)}</strong><span class="facts">${t('catalogue.of-hundred', { n: Math.round(value * 100) })}</span></div>
  <meter min="0" max="1" .value=${value} aria-labelledby="feature-${name}"></meter>
  <div class="feature-ends small facts" aria-hidden="true"><span>${t(`catalogue.${name}-low`)}</span><span>${t(`catalogue.${name}-high`)}</span></div></li>`;

export function sound(song) {
  const { tempo, key } = song.audioFeatures, bars = FEATURES.filter((name) => song.audioFeatures[name] !== null);
  if (!tempo && !key && !bars.length && !song.mood) return nothing;
  return html`<section aria-labelledby="sound"><h2 id="sound">${t('catalogue.sound')}</h2>
    <dl class="pairs">
      ${tempo ? html`<div><dt>${t('catalogue.tempo')}</dt><dd>${t('catalogue.bpm', { n: Math.round(tempo) })} · ${t(`catalogue.pace-${paceOf(tempo)}`)}</dd></div>` : nothing}
      ${key ? html`<div><dt>${t('catalogue.key')}</dt><dd>${t(key.endsWith('m') ? 'catalogue.minor' : 'catalogue.major', { tonic: key.replace(/m$/, '').replace('#', '♯').replace('b', '♭') })}</dd></div>` : nothing}
      ${song.mood ? html`<div><dt>${t('catalogue.mood')}</dt><dd><a href="/mood/${encodeURIComponent(song.mood)}">${song.mood}</a></dd></div>` : nothing}
    </dl><ul class="features">${bars.map((name) => bar(name, song.audioFeatures[name]))}</ul></section>`;
}
