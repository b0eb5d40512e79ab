import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { Secret } from '@/components/ui/secret';
import type { Invitation, MadeInvitation, Me } from '@/lib/api/identity-types';
import { longDate } from '@/lib/time';
import { useInvitations, useInvite, useRevokeInvitation, useRoles } from './api';
import { type RoleOption, roleName, roleOptions } from './role-options';

const LIFETIMES = [1, 7, 30];

/** Asking people in, and the invitations that stand open. */
export function Invitations({ me }: { me: Me }) {
  const { t } = useTranslation();
  const { id } = me.workspace;
  const invitations = useInvitations(id);
  const roles = roleOptions(t, useRoles(id).data, me.permissions);
  const invite = useInvite(id);
  const revoke = useRevokeInvitation(id);
  return (
    <div className="flex flex-col gap-5">
      <InviteForm roles={roles} invite={invite} />
      {invite.data && <Made made={invite.data} />}
      <Refusal error={revoke.error} />
      <Loaded query={invitations}>
        {(items) => (
          <Rows label={t('invitations.title')} empty={t('invitations.none')}>
            {items.map((invitation) => (
              <InvitationRow
                key={invitation.id}
                invitation={invitation}
                role={
                  roles.find(({ value }) => value === invitation.role)?.label ??
                  roleName(t, invitation.role)
                }
                onRevoke={() => revoke.mutate(invitation.id)}
              />
            ))}
          </Rows>
        )}
      </Loaded>
      {invitations.hasNextPage && (
        <Button className="self-start" onClick={() => void invitations.fetchNextPage()}>
          {t('page.more')}
        </Button>
      )}
    </div>
  );
}

interface InviteFormProps {
  roles: readonly RoleOption[];
  invite: ReturnType<typeof useInvite>;
}

function InviteForm({ roles, invite }: InviteFormProps) {
  const { t } = useTranslation();
  return (
    <Form
      label={t('invitations.invite')}
      submit={t('invitations.invite')}
      busy={invite.isPending}
      error={invite.error}
      onSubmit={({ email = '', role = '', days }, form) =>
        invite.mutate(
          { email: email.trim(), role, expires_in_days: Number(days) },
          { onSuccess: () => form.reset() },
        )
      }
    >
      <div className="grid gap-4 sm:grid-cols-[2fr_1fr_1fr]">
        <Field
          label={t('auth.email')}
          name="email"
          type="email"
          required
          autoComplete="off"
          placeholder={t('invitations.example')}
        />
        <SelectField
          key={roles.length}
          label={t('members.role')}
          name="role"
          options={roles}
          defaultValue="member"
        />
        <SelectField
          label={t('invitations.lifetime')}
          name="days"
          defaultValue="7"
          options={LIFETIMES.map((days) => ({
            value: String(days),
            label: t('invitations.days', { count: days }),
          }))}
        />
      </div>
    </Form>
  );
}

/** The link is shown now only: the server keeps its hash. */
function Made({ made }: { made: MadeInvitation }) {
  const { t } = useTranslation();
  const link = new URL(
    `/accept?token=${encodeURIComponent(made.token ?? '')}`,
    window.location.origin,
  );
  return (
    <section
      aria-label={t('invitations.link')}
      className="rounded-card border border-line bg-side px-4 py-3.5"
    >
      <p className="mb-2">
        {t(made.mailed ? 'invitations.mailed' : 'invitations.notMailed', {
          email: made.invitation.email,
        })}
      </p>
      <Secret label={t('invitations.link')} text={link.href} />
    </section>
  );
}

interface InvitationRowProps {
  invitation: Invitation;
  role: string;
  onRevoke: () => void;
}

function InvitationRow({ invitation, role, onRevoke }: InvitationRowProps) {
  const { t } = useTranslation();
  const { email, status, expires_at } = invitation;
  const expired = status === 'open' && new Date(expires_at) < new Date();
  return (
    <Row
      title={
        <>
          {email}
          {status !== 'open' && <Tag>{t(`invitationState.${status}`)}</Tag>}
          {expired && <Tag tone="warn">{t('invitationState.expired')}</Tag>}
        </>
      }
      sub={t('invitations.until', { role, date: longDate(expires_at) })}
      actions={
        status === 'open' && (
          <Button aria-label={t('invitations.revokeFor', { email })} onClick={onRevoke}>
            {t('invitations.revoke')}
          </Button>
        )
      }
    />
  );
}
