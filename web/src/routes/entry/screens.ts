// The screens before the chat are small and share their forms: one file to fetch.
export { AcceptInvitation } from './accept';
export { Register, Setup } from './register';
export { ResetPassword } from './reset';
export { SignIn } from './sign-in';
