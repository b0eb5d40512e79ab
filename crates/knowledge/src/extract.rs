//! Text out of files of many types, in a child process with limits: no file can harm the server.
