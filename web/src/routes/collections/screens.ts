// The screens share their parts: one file to fetch.
export { CollectionScreen } from './collection-screen';
export { Collections, SearchAll } from './collections-screen';
export { DocumentScreen } from './document-screen';
