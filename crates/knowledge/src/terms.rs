//! What words are compared as: terms of documents and of queries, in any language.
