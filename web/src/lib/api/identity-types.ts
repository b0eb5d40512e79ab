/** What the server says of people, workspaces and chatbots. Times are RFC 3339. */

/** `resource:verb`, for example `members:write`. */
export type Permission = string;

export interface Listing<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface AuthStatus {
  /** Nobody owns the installation yet. */
  needs_setup: boolean;
  registration: 'open' | 'invitation' | 'closed';
  /** Whether the chat may be used without signing in. */
  anonymous: boolean;
  oidc: { id: string; name: string }[];
  /** Whether the server can send mail. */
  mail: boolean;
  min_password_length: number;
}

export interface User {
  id: string;
  email: string;
  username: string;
  full_name: string | null;
  status: 'active' | 'suspended';
  /** Owns the installation. */
  is_owner: boolean;
  has_second_factor: boolean;
  has_password: boolean;
  created_at: string;
  last_sign_in_at: string | null;
}

export interface Me extends User {
  workspace: { id: string; name: string };
  role: RoleRef;
  role_name: string;
  permissions: Permission[];
}

export interface SignedIn {
  user: Me;
}

export interface Challenge {
  second_factor_required: true;
  challenge_token: string;
}

export interface Profile {
  preferences: Record<string, unknown>;
  constraints: Record<string, unknown>;
  past_destinations: string[];
  wishes: string[];
}

/** A sign-in, or a visitor's stay. */
export interface SignIn {
  id: string;
  user_agent: string | null;
  ip_address: string | null;
  created_at: string;
  last_accessed: string;
  expires_at: string;
}

/** The name of a ready role, or the id of a custom one. */
export type RoleRef = string;

export interface Workspace {
  id: string;
  name: string;
  status: 'active' | 'deleting';
  created_at: string;
}

export interface Membership {
  workspace: Workspace;
  role: RoleRef;
  role_name: string;
}

export interface Member {
  user_id: string;
  email: string;
  username: string;
  full_name: string | null;
  role: RoleRef;
  role_name: string;
  permissions: Permission[];
  created_at: string;
}

export interface CustomRole {
  id: string;
  name: string;
  permissions: Permission[];
}

export interface Roles {
  builtin: { role: string; permissions: Permission[] }[];
  items: CustomRole[];
  permissions: { name: Permission; meaning: string }[];
}

export interface Invitation {
  id: string;
  email: string;
  role: RoleRef;
  status: 'open' | 'accepted' | 'revoked';
  created_at: string;
  expires_at: string;
}

export interface MadeInvitation {
  invitation: Invitation;
  token: string;
  url: string;
  mailed: boolean;
}

export interface InvitationView {
  workspace_name: string;
  email: string;
  role_name: string;
  expires_at: string;
  has_account: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  /** The beginning of the secret. */
  prefix: string;
  user_id: string;
  permissions: Permission[];
  /** None means all that its maker may use. */
  chatbot_ids: string[] | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export type Spender = 'workspace' | { user: string } | { chatbot: string } | { api_key: string };

export interface BudgetTerms {
  spender: Spender;
  period: 'day' | 'month';
  unit: 'tokens' | 'money';
  /** Tokens, or millionths of a US dollar. */
  amount: number;
}

export interface BudgetState {
  budget: BudgetTerms & { id: string };
  spent: number;
  reserved: number;
  left: number;
  renews_at: string;
}

export type UsageKind = 'user' | 'model' | 'chatbot' | 'day' | 'api_key';

export interface UsageFigures {
  runs: number;
  input: number;
  output: number;
  cached: number;
  /** Millionths of a US dollar. */
  cost: number;
}

export interface UsageRow extends UsageFigures {
  user_id?: string | null;
  username?: string | null;
  model?: string | null;
  chatbot_id?: string | null;
  chatbot_name?: string | null;
  /** `YYYY-MM-DD`. */
  day?: string | null;
  api_key_id?: string | null;
}

export interface UsageReport {
  items: UsageRow[];
  total: UsageFigures;
}

export type Actor =
  | { kind: 'user'; id: string }
  | { kind: 'api_key'; id: string; user_id: string }
  | { kind: 'session'; id: string }
  | { kind: 'operator' | 'system' | 'anonymous' };

export interface AuditEntry {
  id: string;
  actor: Actor;
  /** `thing.verb`. */
  action: string;
  object_kind: string | null;
  object_id: string | null;
  ip_address: string | null;
  user_agent: string | null;
  request_id: string | null;
  details: unknown;
  at: string;
}

export type SystemPrompt = { text: string } | { named: string };

export interface ChatbotSettings {
  model?: string;
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  stop?: string[];
  reasoning?: 'low' | 'medium' | 'high';
  system_prompt?: SystemPrompt;
  graph?: string;
  tools?: string[];
  rate_limit?: { requests: number; window_seconds: number };
  greeting?: string;
}

export interface Chatbot {
  id: string;
  name: string;
  description: string | null;
  is_default: boolean;
  visibility: 'workspace' | 'private';
  version: number;
  settings: ChatbotSettings;
  created_at: string;
  updated_at: string;
}

export interface ChatbotVersion {
  version: number;
  settings: ChatbotSettings;
  note: string | null;
  created_at: string;
}

export interface Grant {
  grantee: { user: string } | { role: RoleRef };
  access: 'use' | 'edit';
}

export interface ToolInfo {
  name: string;
  description: string;
  needs_approval: boolean;
}

export interface Prompt {
  id: string;
  name: string;
  description: string | null;
  version: number;
  text: string;
  updated_at: string;
}

export interface PromptVersion {
  version: number;
  text: string;
  created_at: string;
}

export interface PromptListing extends Listing<Prompt> {
  /** Templates that lie beside the server: to read only. */
  files: { name: string }[];
}
