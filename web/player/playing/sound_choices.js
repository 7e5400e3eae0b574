// How it sounds, in a dialogue: quality, speed, how songs follow one another, equal loudness, the sleep timer.
import { html, nothing } from 'lit-html';
import { signal } from '@preact/signals-core';
import { number, span, t } from '../language/language.js';
import { openDialog } from '../parts/dialog.js';
import { watched } from '../parts/watched.js';
import { ask } from '../session/api.js';
import { choose, manners, QUALITIES, RATES } from './manners.js';
import { autoplay, setAutoplay, song } from './player.js';
import { MINUTES, sleepAt, sleepIn, sleepLeftMs } from './sleep.js';
import { soundOf } from './sounds.js';

const ceiling = signal(null), heard = signal(null);

const choice = (words, part, values, { hint = nothing, read = String, value = manners.value[part], pick = (chosen) => choose(part, chosen) }) => html`
  <label class="field"><span>${words}</span>
    <select @change=${({ target }) => pick(values[target.selectedIndex][0])}>${values.map(([each, name, off]) => html`
      <option value=${read(each)} ?selected=${each === value} ?disabled=${off}>${name}</option>`)}</select>
    ${hint}</label>`;

const onOff = (words, why, on, turn) => html`<label class="switch"><input type="checkbox" role="switch" .checked=${on} @change=${({ target }) => turn(target.checked)}>
  <span><strong>${words}</strong><span>${why}</span></span></label>`;

function qualities() {
  const most = QUALITIES.indexOf(ceiling.value ?? 'LOSSLESS');
  return QUALITIES.map((each, at) => [each, t(`playing.quality-${each}`), at > most]);
}

const whatSounds = () => (heard.value?.rendition ? html`<span class="hint">${t('playing.you-hear', {
  codec: heard.value.rendition.codec.toUpperCase(), rate: number(Math.round(heard.value.rendition.bitrate / 1000)) })}</span>` : nothing);

const sleeps = () => {
  const left = sleepLeftMs();
  const hint = left === null ? nothing : html`<span class="hint" role="timer">${t('playing.sleeps-in', { span: span(left / 1000) })}</span>`;
  const values = [[null, t('playing.sleep-off')], ['song', t('playing.sleep-song')], ...MINUTES.map((minutes) => [minutes, span(minutes * 60)])];
  const value = sleepAt.value === 'song' ? 'song' : null;
  return choice(t('playing.sleep'), 'sleep', left === null ? values : [['on', t('playing.sleep-on')], ...values], { hint, value: left === null ? value : 'on', pick: sleepIn });
};

const all = () => html`
  ${choice(t('playing.quality'), 'quality', qualities(), { hint: whatSounds() })}
  ${choice(t('playing.speed'), 'rate', RATES.map((rate) => [rate, t('playing.times', { n: number(rate) })]), {})}
  ${sleeps()}
  ${onOff(t('playing.join'), t('playing.join-why'), manners.value.join, (on) => choose('join', on))}
  ${onOff(t('playing.even'), t('playing.even-why'), manners.value.level !== 'off', (on) => choose('level', on ? 'even' : 'off'))}
  ${onOff(t('playing.autoplay'), t('playing.autoplay-why'), autoplay.value, setAutoplay)}
  <p class="dialog-acts"><button class="link" @click=${({ target }) => { target.closest('dialog').close(); import('./keys.js').then(({ openKeys }) => openKeys()); }}>${t('playing.keys')}</button></p>`;

export function openSound() {
  ask('query { myEntitlements { tier { quality } } }').then(({ myEntitlements }) => { ceiling.value = myEntitlements?.tier.quality ?? null; }).catch(() => {});
  heard.value = null;
  if (song.peek()) soundOf(song.peek().id).then((sound) => { heard.value = sound; }).catch(() => {});
  return openDialog({ title: t('playing.sound'), draw: () => html`${watched(all)}` });
}
