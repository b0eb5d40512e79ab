import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { BrokenPage } from './error-boundary';
import { NotFound } from './not-found';
import { Shell } from './shell';

const chatScreen = () => import('@/routes/chat/chat-screen');

const root = createRootRoute({ notFoundComponent: NotFound });

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(chatScreen, 'NewChat'),
});

const conversation = createRoute({
  getParentRoute: () => shell,
  path: '/c/$conversationId',
  component: lazyRouteComponent(chatScreen, 'Conversation'),
});

/** For anyone who has the link: without the shell, which asks for the visitor's own things. */
const shared = createRoute({
  getParentRoute: () => root,
  path: '/shared/$token',
  component: lazyRouteComponent(() => import('@/routes/shared/shared-screen')),
});

const entry = () => import('@/routes/entry/screens');
const chatbots = () => import('@/routes/chatbots/screens');
const prompts = () => import('@/routes/prompts/prompts-screen');
const collections = () => import('@/routes/collections/screens');

type Screen = ReturnType<typeof lazyRouteComponent>;

const inShell = <P extends string>(path: P, component: Screen) =>
  createRoute({ getParentRoute: () => shell, path, component });

/** Before one is in: without the shell, which asks for the visitor's own things. */
const outside = <P extends string>(path: P, component: Screen) =>
  createRoute({ getParentRoute: () => root, path, component });

const settings = lazyRouteComponent(() => import('@/routes/settings/settings-screen'));
const workspace = lazyRouteComponent(() => import('@/routes/workspace/workspace-screen'));
const users = lazyRouteComponent(() => import('@/routes/users/users-screen'));

export const router = createRouter({
  routeTree: root.addChildren([
    shell.addChildren([
      home,
      conversation,
      inShell('/settings/{-$part}', settings),
      inShell('/workspace/{-$part}', workspace),
      inShell('/users/{-$part}', users),
      inShell('/chatbots', lazyRouteComponent(chatbots, 'Chatbots')),
      inShell('/chatbots/$chatbotId', lazyRouteComponent(chatbots, 'ChatbotEditor')),
      inShell('/collections', lazyRouteComponent(collections, 'Collections')),
      inShell('/collections/search', lazyRouteComponent(collections, 'SearchAll')),
      inShell(
        '/collections/$collectionId/{-$part}',
        lazyRouteComponent(collections, 'CollectionScreen'),
      ),
      inShell(
        '/collections/$collectionId/documents/$documentId',
        lazyRouteComponent(collections, 'DocumentScreen'),
      ),
      inShell('/prompts', lazyRouteComponent(prompts, 'Prompts')),
      inShell('/prompts/$promptId', lazyRouteComponent(prompts, 'PromptEditor')),
    ]),
    shared,
    outside('/sign-in', lazyRouteComponent(entry, 'SignIn')),
    outside('/register', lazyRouteComponent(entry, 'Register')),
    outside('/setup', lazyRouteComponent(entry, 'Setup')),
    outside('/reset-password', lazyRouteComponent(entry, 'ResetPassword')),
    outside('/accept', lazyRouteComponent(entry, 'AcceptInvitation')),
  ]),
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
