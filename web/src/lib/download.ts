import { API, request } from './api/client';

function follow(url: string, name: string) {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

/** Offers a text as a file. */
export function saveText(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  follow(url, name);
  URL.revokeObjectURL(url);
}

/**
 * Lets the browser download what a path of the API gives, however large. It cannot renew an access
 * token on its own, so a small request (to `first`) goes ahead, which can.
 */
export async function saveFrom(path: string, name: string, first = '/users/me') {
  await (await request(first)).arrayBuffer();
  follow(API + path, name);
}
