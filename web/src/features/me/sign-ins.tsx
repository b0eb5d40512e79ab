import { useTranslation } from 'react-i18next';
import { Button } from '@/components/ui/button';
import { Loaded } from '@/components/ui/loaded';
import { Refusal } from '@/components/ui/refusal';
import { Row, Rows, Tag } from '@/components/ui/rows';
import { moment } from '@/lib/time';
import { useEndSignIn, useSignIns, useSignOut, useThisSignIn } from './api';
import { deviceName } from './device-name';

/** Where the user is signed in, and the way to end it. */
export function SignIns() {
  const { t } = useTranslation();
  const signIns = useSignIns();
  const current = useThisSignIn().data?.id;
  const end = useEndSignIn();
  const signOut = useSignOut();
  return (
    <Loaded query={signIns}>
      {(items) => (
        <div className="flex flex-col items-start gap-3">
          <div className="w-full">
            <Rows label={t('sessions.title')} empty={t('sessions.none')}>
              {items.map((item) => (
                <Row
                  key={item.id}
                  title={
                    <>
                      {deviceName(item.user_agent) ?? t('sessions.unknown')}
                      {item.id === current && <Tag tone="accent">{t('sessions.this')}</Tag>}
                    </>
                  }
                  sub={t('sessions.used', {
                    from: item.ip_address ?? t('sessions.somewhere'),
                    time: moment(item.last_accessed),
                  })}
                  actions={
                    item.id !== current && (
                      <Button aria-disabled={end.isPending} onClick={() => end.mutate(item.id)}>
                        {t('sessions.end')}
                      </Button>
                    )
                  }
                />
              ))}
            </Rows>
          </div>
          {signIns.hasNextPage && (
            <Button onClick={() => void signIns.fetchNextPage()}>{t('page.more')}</Button>
          )}
          <Refusal error={end.error ?? signOut.error} />
          <Button look="danger" onClick={() => signOut.mutate(true)}>
            {t('sessions.endAll')}
          </Button>
        </div>
      )}
    </Loaded>
  );
}
