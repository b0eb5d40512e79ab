/**
 * What the server says of people, workspaces and chatbots: the names that the UI uses for the types
 * of the server's own description (see `types.ts`). Times are RFC 3339.
 */
import type { components } from '@/api/schema';

type Schemas = components['schemas'];

/** `resource:verb`, for example `members:write`. */
export type Permission = Schemas['PermissionSet'][number];

export interface Listing<T> {
  items: T[];
  next_cursor?: string | null;
}

export type AuthStatus = Schemas['AuthStatus'];
export type User = Schemas['User'];
/** The signed-in user, where they are and what they may do there. */
export type Me = Schemas['Me'];
export type SignedIn = Schemas['SignedIn'];
/** The password was right; the second factor is missing. */
export type Challenge = Schemas['Challenge'];
export type Profile = Schemas['Profile'];
/** A sign-in, or a visitor's stay. */
export type SignIn = Schemas['Session'];

/** The name of a ready role, or the id of a custom one. */
export type RoleRef = string;

export type Workspace = Schemas['Workspace'];
export type Membership = Schemas['Membership'];
export type Member = Schemas['Member'];
export type CustomRole = Schemas['CustomRole'];
export interface KnownPermission {
  name: Permission;
  meaning: string;
}
/** The roles of a workspace, and everything that a role can allow. */
export type Roles = Omit<Schemas['Roles'], 'permissions'> & { permissions: KnownPermission[] };
export type Invitation = Schemas['Invitation'];
export type MadeInvitation = Schemas['CreatedInvitation'];
export type InvitationView = Schemas['InvitationView'];

export type ApiKey = Schemas['ApiKey'];
export type MadeApiKey = Schemas['CreatedApiKey'];

export type Spender = Schemas['Spender'];
/** What a budget is about; the amount in tokens, or in millionths of a US dollar. */
export type BudgetTerms = Schemas['SetBudget'];
export type BudgetState = Schemas['BudgetState'];

export type UsageKind = 'user' | 'model' | 'chatbot' | 'day' | 'api_key';
export type UsageRow = Schemas['UsageSum'];
export type UsageReport = Schemas['UsageReport'];

export type Actor = Schemas['Actor'];
export type AuditEntry = Schemas['AuditEntry'];

export type SystemPrompt = Schemas['SystemPrompt'];
/** How a chatbot's collections are searched. */
export type RetrievalSettings = {
  [K in keyof Schemas['RetrievalSettings']]?: NonNullable<Schemas['RetrievalSettings'][K]>;
};
/** What is absent is the installation's default. */
export type ChatbotSettings = {
  [K in Exclude<keyof Schemas['ChatbotSettings'], 'retrieval'>]?: NonNullable<
    Schemas['ChatbotSettings'][K]
  >;
} & { retrieval?: RetrievalSettings };
export type Chatbot = Omit<Schemas['Chatbot'], 'settings'> & { settings: ChatbotSettings };
export type ChatbotVersion = Omit<Schemas['ChatbotVersion'], 'settings'> & {
  settings: ChatbotSettings;
};
export type Grant = Schemas['Grant'];
export type ToolInfo = Schemas['Tool'];

export type Prompt = Schemas['Prompt'];
export type PromptPage = Schemas['PromptPage'];
export type PromptVersion = Schemas['PromptVersion'];
