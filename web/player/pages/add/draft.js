// A song that is to be: its file on the way, what is to stand in its tags, and the song once it is one.
import { batch, signal } from '@preact/signals-core';
import { ask } from '../../session/api.js';
import { guess } from './file_name.js';
import { Sending } from './sending.js';

const UPLOAD = `mutation($upload: ID!, $title: String!, $artist: ID!, $album: ID, $genre: String, $track: Int, $disc: Int, $explicit: Boolean, $lyrics: String) {
  uploadSong(uploadId: $upload, title: $title, artistId: $artist, albumId: $album, genre: $genre, trackNumber: $track, discNumber: $disc, isExplicit: $explicit, lyrics: $lyrics) {
    song { id slug title artistCredit duration coverImage } } }`;
const ALBUM = `mutation($artist: ID!, $title: String!, $kind: AlbumType) { createAlbum(artistId: $artist, title: $title, albumType: $kind) { album { id title } } }`;

let count = 0;

export class Draft {
  constructor(file, { artistId, albumId }) {
    const { title, trackNumber, discNumber } = guess(file.name);
    this.id = `draft-${count += 1}`;
    this.file = file;
    this.sending = new Sending(file);
    this.begun = signal(false);
    this.title = signal(title);
    this.artistId = signal(artistId);
    // An id, null for none, or 'new' with `newAlbum`.
    this.albumId = signal(albumId);
    this.newAlbum = signal('');
    this.genre = signal('');
    this.trackNumber = signal(trackNumber);
    this.discNumber = signal(discNumber);
    this.isExplicit = signal(false);
    this.lyrics = signal('');
    this.saving = signal(false);
    // `{ message, field }` of the last refusal.
    this.refusal = signal(null);
    this.song = signal(null);
  }

  get isNew() { return !this.begun.value; }

  get isUnderWay() { return this.begun.value && ['sending', 'waiting'].includes(this.sending.state.value); }

  send() {
    this.begun.value = true;
    return this.sending.run();
  }

  again() {
    this.sending.state.value = 'sending';
    return this.sending.run();
  }

  cancel() { return this.sending.cancel(); }

  // Makes the song. `madeAlbum` is told of an album that was made for it.
  async save(madeAlbum) {
    if (this.saving.value) return;
    batch(() => { this.saving.value = true; this.refusal.value = null; });
    try {
      if (this.albumId.value === 'new') {
        const { createAlbum: { album } } = await ask(ALBUM, { artist: this.artistId.value, title: this.newAlbum.value.trim() });
        this.albumId.value = album.id;
        madeAlbum(this.artistId.value, album);
      }
      const { uploadSong } = await ask(UPLOAD, {
        upload: this.sending.id, title: this.title.value.trim(), artist: this.artistId.value, album: this.albumId.value, genre: this.genre.value || null,
        track: this.trackNumber.value, disc: this.discNumber.value, explicit: this.isExplicit.value, lyrics: this.lyrics.value || null,
      });
      this.song.value = uploadSong.song;
    } catch (error) { this.refusal.value = { message: error.message, field: error.field }; }
    this.saving.value = false;
  }
}
