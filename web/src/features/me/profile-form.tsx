import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AreaField, Field } from '@/components/ui/field';
import { Form } from '@/components/ui/form';
import { KeyValues, pairsOf, recordOf } from '@/components/ui/key-values';
import type { Me, Profile } from '@/lib/api/identity-types';
import { toast } from '@/lib/toast';
import { type UserChanges, useSaveProfile, useSaveUser } from './api';

/** Name, address and the name here. Another address takes the password. */
export function IdentityForm({ me }: { me: Me }) {
  const { t } = useTranslation();
  const act = useSaveUser(me.id);
  const [email, setEmail] = useState(me.email);
  const moves = me.has_password && email.trim() !== me.email;
  return (
    <Form
      submit={t('action.save')}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ full_name = '', username = '', current_password = '' }) => {
        const changes: UserChanges = {
          full_name: full_name.trim() === '' ? null : full_name.trim(),
          email: email.trim(),
          username: username.trim(),
        };
        if (moves) changes.current_password = current_password;
        act.mutate(changes, { onSuccess: () => toast(t('page.saved')) });
      }}
    >
      <Field
        label={t('auth.fullName')}
        name="full_name"
        defaultValue={me.full_name ?? ''}
        maxLength={200}
        autoComplete="name"
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label={t('auth.email')}
          name="email"
          type="email"
          required
          {...(!me.has_password && { readOnly: true, hint: t('profile.emailElsewhere') })}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          autoComplete="email"
        />
        <Field
          label={t('auth.username')}
          hint={t('auth.usernameHint')}
          name="username"
          required
          minLength={3}
          maxLength={64}
          defaultValue={me.username}
          autoComplete="username"
        />
        {moves && (
          <Field
            label={t('password.current')}
            hint={t('profile.emailPassword')}
            name="current_password"
            type="password"
            required
            autoComplete="current-password"
          />
        )}
      </div>
    </Form>
  );
}

const linesOf = (text: string | undefined) =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What the assistant is told about the user at the start of each conversation. */
export function AboutForm({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const act = useSaveProfile();
  const [preferences, setPreferences] = useState(() => pairsOf(profile.preferences));
  const [constraints, setConstraints] = useState(() => pairsOf(profile.constraints));
  return (
    <Form
      submit={t('action.save')}
      busy={act.isPending}
      error={act.error}
      onSubmit={({ past_destinations, wishes }) =>
        act.mutate(
          {
            preferences: recordOf(preferences),
            constraints: recordOf(constraints),
            past_destinations: linesOf(past_destinations),
            wishes: linesOf(wishes),
          },
          { onSuccess: () => toast(t('page.saved')) },
        )
      }
    >
      <KeyValues
        label={t('profile.preferences')}
        hint={t('profile.preferencesHint')}
        pairs={preferences}
        onChange={setPreferences}
      />
      <KeyValues
        label={t('profile.constraints')}
        hint={t('profile.constraintsHint')}
        pairs={constraints}
        onChange={setConstraints}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <AreaField
          label={t('profile.pastDestinations')}
          hint={t('profile.oneALine')}
          name="past_destinations"
          rows={4}
          defaultValue={profile.past_destinations.join('\n')}
        />
        <AreaField
          label={t('profile.wishes')}
          hint={t('profile.oneALine')}
          name="wishes"
          rows={4}
          defaultValue={profile.wishes.join('\n')}
        />
      </div>
    </Form>
  );
}
