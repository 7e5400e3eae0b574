// A room: what it plays at this very moment for everybody in it, what comes, who is here, and what they say.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { clock, t } from '../../language/language.js';
import { cover } from '../../parts/cover.js';
import { empty } from '../../parts/empty.js';
import { icon } from '../../parts/icon.js';
import { confirmed } from '../../parts/dialog.js';
import { menu } from '../../parts/menu.js';
import { watched } from '../../parts/watched.js';
import { again } from '../../frame/router.js';
import { act, closeForAll, current, enter, inTime, leave, mayControl, meIn, room, roomPositionMs } from '../../together/seated.js';
import { coverOf, nextButton, playButton, titleOf, volumeSlider } from '../../together/room_bar.js';
import { chat } from './chat.js';
import { openInvitation } from './invitation.js';
import { members } from './members.js';
import { openSettings } from './room_settings.js';
import { items } from './items.js';

async function load({ params }) {
  await enter(params.id);
  return { id: params.id, draft: signal('') };
}

const place = (where, item) => watched(() => {
  const at = Math.min(roomPositionMs.value, item.durationMs), words = `${clock(at / 1000)} / ${clock(item.durationMs / 1000)}`;
  return html`<div class="room-place"><time>${clock(at / 1000)}</time>
    <input type="range" min="0" max=${item.durationMs} .value=${String(Math.round(at))} ?disabled=${!mayControl(where)} aria-label=${t('together.position')} aria-valuetext=${words}
      @change=${({ target }) => act('seek', { positionMs: target.valueAsNumber })}>
    <time>${clock(item.durationMs / 1000)}</time></div>`;
});

function skipVote(where, item) {
  if (!item || mayControl(where)) return nothing;
  const mine = where.skipVotes.includes(meIn(where)?.id);
  return html`<button class="button" aria-pressed=${mine} ?disabled=${mine} @click=${() => act('voteToSkip', { itemId: item.id })}>${t('together.vote-skip', { n: where.skipVotes.length })}</button>`;
}

async function close() {
  if (await confirmed({ title: t('together.close-title'), words: t('together.close-words'), act: t('together.close') })) closeForAll();
}

const doors = (where, role) => menu({ id: 'room-more', label: t('together.more'), items: () => [
  role === 'host' ? [t('together.settings'), 'settings', () => openSettings(where)] : null,
  [t('together.leave'), 'close', leave],
  role === 'host' ? [t('together.close'), 'warning', close] : null,
] });

function view({ id, draft }) {
  const where = room.value;
  if (where?.roomId !== id) return empty({ sign: 'people', title: t('together.over'), words: t('together.over-why'), way: ['/rooms', t('together.to-rooms')], act: [again, t('together.come-in')] });
  const item = current(), role = meIn(where)?.role;
  return html`<div class="room">
    <section class="stage" aria-labelledby="room-name">
      <div class="room-head"><h1 id="room-name">${where.name}</h1>
        <span class="acts">${['host', 'cohost'].includes(role) ? html`<button class="button main" @click=${() => openInvitation(where)}>${icon('share')}${t('together.invite')}</button>` : nothing} ${doors(where, role)}</span></div>
      ${cover(coverOf(item), 320, { lazy: false })}
      <h2 aria-live="polite">${titleOf(item)}</h2><p class="facts">${item?.credit ?? t('together.choose')}</p>
      ${item ? place(where, item) : nothing}
      <div class="bar-buttons">${playButton(where, 'large')} ${nextButton(where)} ${skipVote(where, item)}</div>
      <p class="sync facts small">${watched(() => inTime.value)}</p>
      ${volumeSlider()}
    </section>
    <div class="room-sides">
      <section aria-labelledby="room-coming"><h2 id="room-coming">${t('together.coming')}</h2>${items(where)}</section>
      <section aria-labelledby="room-here"><h2 id="room-here">${t('together.members')}</h2>${members(where)}</section>
      ${where.settings.chat ? html`<section class="talk" aria-labelledby="room-talk"><h2 id="room-talk">${t('together.chat')}</h2>${chat(where, draft)}</section>` : nothing}
    </div></div>`;
}

export const page = {
  areas: ['together'],
  needs: 'listener',
  skeleton: 'hero',
  load,
  title: () => room.value?.name ?? t('together.title'),
  view,
};
