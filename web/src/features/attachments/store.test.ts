// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from 'vitest';
import { addFiles, uploadsOf } from './store';

afterEach(() => vi.unstubAllGlobals());

it('sends each of several files once, three at a time', async () => {
  const going: { end: () => void; name: string }[] = [];
  class Sent {
    upload = {};
    status = 201;
    responseText = '{"file_id":"f"}';
    onload = () => {};
    open() {}
    abort() {}
    setRequestHeader() {}
    send(form: FormData) {
      going.push({ end: () => this.onload(), name: (form.get('file') as File).name });
    }
  }
  vi.stubGlobal('XMLHttpRequest', Sent);
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
  addFiles(
    'draft',
    names.map((name) => new File(['text'], name)),
  );
  await vi.waitFor(() => expect(going.map(({ name }) => name)).toEqual(names.slice(0, 3)));
  going[0]?.end();
  await vi.waitFor(() => expect(going.map(({ name }) => name)).toEqual(names));
  for (const { end } of going.slice(1)) end();
  await vi.waitFor(() =>
    expect(uploadsOf('draft').map(({ state }) => state)).toEqual(names.map(() => 'ready')),
  );
  expect(going).toHaveLength(4);
});
