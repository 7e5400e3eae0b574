// What people say about a song or an album: the mean, one's own words, and the others', the most helpful or newest first.
import { signal } from '@preact/signals-core';
import { html, nothing } from 'lit-html';
import { day, number, t } from '../language/language.js';
import { ask } from '../session/api.js';
import { person } from '../session/session.js';
import { confirmed, openDialog } from './dialog.js';
import { endless, moreOf } from './endless.js';
import { icon } from './icon.js';
import { menu } from './menu.js';
import { notice } from './notice.js';
import { report } from './report.js';
import { starChoice, stars } from './stars.js';
import { watched } from './watched.js';

export const REVIEW = 'id rating comment helpfulCount isHelpful isHidden hiddenReason createdAt updatedAt user { id username }';
const PAGE = 10;
const LIST = `query($song: ID, $album: ID, $after: String, $order: ReviewOrder!) {
  reviews(songId: $song, albumId: $album, first: ${PAGE}, after: $after, orderBy: $order) {
    edges { node { ${REVIEW} } } pageInfo { hasNextPage endCursor } totalCount } }`;
const ADD = `mutation($song: ID, $album: ID, $rating: Int!, $comment: String!) {
  addReview(songId: $song, albumId: $album, rating: $rating, comment: $comment) { review { ${REVIEW} } } }`;

// Opens one's own words. The promise is kept with the review, null when nothing was said.
export function writeReview({ song = null, album = null, name, was = null }) {
  const failed = signal('');
  const send = async (event, close) => {
    event.preventDefault();
    const form = new FormData(event.target);
    try { close((await ask(ADD, { song, album, rating: Number(form.get('rating')), comment: form.get('comment') })).addReview.review); }
    catch (error) { failed.value = error.message; }
  };
  return openDialog({ title: t('catalogue.review-of', { name }), draw: (close) => html`<form @submit=${(event) => send(event, close)}>
    ${starChoice('rating', was?.rating)}
    <label class="field"><span>${t('catalogue.review-words')}</span><textarea name="comment" rows="6" maxlength="5000" .value=${was?.comment ?? ''}></textarea></label>
    <p class="failed" role="alert">${watched(() => failed.value)}</p>
    <p class="dialog-acts"><button class="button" type="button" @click=${() => close()}>${t('frame.cancel')}</button>
      <button class="button main">${t('catalogue.review-send')}</button></p></form>` });
}

export async function deleteReview(review) {
  if (!await confirmed({ title: t('catalogue.review-delete'), words: t('catalogue.review-delete-why'), act: t('catalogue.delete') })) return false;
  try { await ask('mutation($id: ID!) { deleteReview(reviewId: $id) { success } }', { id: review.id }); return true; }
  catch (error) { notice(error.message); return false; }
}

const helpful = signal(new Map());
person.subscribe(() => { helpful.value = new Map(); });

async function toggleHelpful(review) {
  const was = helpful.value.get(review.id) ?? review.isHelpful;
  const set = (value) => { helpful.value = new Map(helpful.value).set(review.id, value); };
  set(!was);
  try { await ask(`mutation($id: ID!) { ${was ? 'unmarkReviewHelpful' : 'markReviewHelpful'}(reviewId: $id) { success } }`, { id: review.id }); }
  catch (error) { set(was); notice(error.message); }
}

const isMine = (review) => Boolean(person.value) && review.user?.id === person.value.id;

function judged(review) {
  const is = helpful.value.get(review.id) ?? review.isHelpful;
  const count = review.helpfulCount + (is ? 1 : 0) - (review.isHelpful ? 1 : 0);
  if (!person.value || isMine(review)) return count ? html`<p class="facts small">${t('catalogue.helpful-to', { n: count })}</p>` : nothing;
  return html`<button class="button small" aria-pressed=${is} @click=${() => toggleHelpful(review)}>${icon('thumb')}${t('catalogue.helpful')}
    ${count ? html`<span class="count">${number(count)}</span>` : nothing}</button>`;
}

// One review. `acts` are more items for its menu, `about` stands where the author's name would.
export const reviewCard = (review, { acts = [], about = null } = {}) => html`<article class="review">
  <header><div>${about ?? (review.user ? html`<a href="/user/${review.user.username}"><strong>${review.user.username}</strong></a>` : html`<strong>${t('catalogue.somebody')}</strong>`)}
    <p class="facts small">${stars(review.rating)} ${day(review.updatedAt)}</p></div>
    ${person.value ? menu({ id: `review-${review.id}`, label: t('catalogue.review-more'), items: () => [...acts, isMine(review) ? null
    : [t('frame.report'), 'flag', () => report({ kind: 'REVIEW', id: review.id, name: t('catalogue.review') })]] }) : nothing}</header>
  ${review.isHidden ? html`<p class="failed">${t('catalogue.review-hidden', { why: review.hiddenReason ?? '' })}</p>` : nothing}
  ${review.comment ? html`<p class="review-words">${review.comment}</p>` : nothing}
  ${judged(review)}
</article>`;

// Fetches the reviews of one thing: `{ view }`, to be drawn on its page. Nothing is asked before the section comes near.
export async function openReviews({ song = null, album = null, name, mean, count, abort }) {
  const order = signal('MOST_HELPFUL'), list = signal(null), own = signal(null), figures = signal({ mean, count });
  const fetchList = async () => {
    list.value = await endless(async (after) => (await ask(LIST, { song, album, after, order: order.value }, { abort })).reviews);
    own.value = list.value.items.value.find(isMine) ?? own.value;
  };
  if (count) await fetchList();
  const again = async () => {
    const { thing } = await ask(`query($id: ID!) { thing: ${song ? 'song' : 'album'}(id: $id) { averageRating reviewCount } }`, { id: song ?? album });
    figures.value = { mean: thing.averageRating, count: thing.reviewCount };
    await fetchList();
  };
  const write = async () => { const said = await writeReview({ song, album, name, was: own.value }); if (said) { own.value = said; await again(); } };
  const remove = async (review) => { if (await deleteReview(review)) { own.value = null; await again(); } };
  const items = (review) => (isMine(review) ? [[t('catalogue.edit'), 'pencil', write], [t('catalogue.delete'), 'trash', () => remove(review)]] : []);
  const choose = (event) => { order.value = event.target.value; fetchList().catch((error) => notice(error.message)); };
  return { view: () => html`<section class="reviews" aria-labelledby="reviews">
    <div class="shelf-head"><h2 id="reviews">${t('catalogue.reviews')}</h2>
      ${person.value ? html`<button class="button" @click=${write}>${icon('star')}${t(own.value ? 'catalogue.review-edit' : 'catalogue.review-write')}</button>` : nothing}</div>
    ${figures.value.count ? html`<p class="mean"><strong>${number(figures.value.mean)}</strong> ${stars(figures.value.mean)}
        <span class="facts">${t('catalogue.ratings', { n: figures.value.count })}</span>
        ${figures.value.count > 1 ? html`<label class="order"><span class="hidden-words">${t('catalogue.order')}</span><select @change=${choose}>
          ${['MOST_HELPFUL', 'NEWEST'].map((one) => html`<option value=${one} ?selected=${one === order.value}>${t(`catalogue.order-${one}`)}</option>`)}</select></label>` : nothing}</p>
      <div class="review-list">${list.value?.items.value.map((review) => reviewCard(review, { acts: items(review) }))}</div>${list.value ? moreOf(list.value) : nothing}`
    : html`<p class="facts">${t('catalogue.no-reviews')}</p>`}</section>` };
}
