// What one said about songs and albums.
import { html } from 'lit-html';
import { t } from '../../language/language.js';
import { empty } from '../../parts/empty.js';
import { endless, moreOf } from '../../parts/endless.js';
import { REVIEW, deleteReview, reviewCard, writeReview } from '../../parts/reviews.js';
import { watched } from '../../parts/watched.js';
import { ask } from '../../session/api.js';
import { heading } from './heading.js';

const MINE = `query($after: String) { myReviews(first: 40, after: $after) { edges { node { ${REVIEW} song { id slug title } album { id slug title } } } pageInfo { hasNextPage endCursor } totalCount } }`;

async function rewrite(reviews, review) {
  const thing = review.song ?? review.album;
  const said = await writeReview({ song: review.song?.id ?? null, album: review.song ? null : review.album?.id, name: thing.title, was: review });
  if (said) reviews.items.value = reviews.items.value.map((one) => (one.id === review.id ? { ...one, ...said } : one));
}

async function remove(reviews, review) {
  if (await deleteReview(review)) reviews.items.value = reviews.items.value.filter(({ id }) => id !== review.id);
}

function about({ song, album }) {
  if (song) return html`<a href="/song/${song.slug}"><strong>${song.title}</strong></a>`;
  return album ? html`<a href="/album/${album.slug}"><strong>${album.title}</strong></a>` : html`<strong>${t('library.gone')}</strong>`;
}

export const page = {
  areas: ['library', 'catalogue'],
  needs: 'listener',
  skeleton: 'text',
  load: ({ abort, back }) => endless(async (after) => (await ask(MINE, { after }, { abort })).myReviews, { back }),
  title: () => t('library.reviews'),
  view: (reviews) => html`${heading('/library/reviews')}${watched(() => (reviews.items.value.length ? html`<div class="review-list">${reviews.items.value.map((review) => reviewCard(review, {
    about: about(review),
    acts: [review.song || review.album ? [t('catalogue.edit'), 'pencil', () => rewrite(reviews, review)] : null, [t('catalogue.delete'), 'trash', () => remove(reviews, review)]],
  }))}</div>${moreOf(reviews)}` : empty({ sign: 'star', title: t('library.no-reviews'), words: t('library.no-reviews-why'), way: ['/albums', t('library.to-albums')] })))}`,
};
