import { useTranslation } from 'react-i18next';
import { providerUrl } from '@/features/auth/api';
import type { AuthStatus } from '@/lib/api/identity-types';

/** The identity providers of this server, below a form; none where there are none. */
export function Providers({ status, next }: { status: AuthStatus | undefined; next: string }) {
  const { t } = useTranslation();
  if (!status || status.oidc.length === 0) return null;
  return (
    <div className="mt-5 flex flex-col gap-2 border-line border-t pt-5">
      {status.oidc.map(({ id, name }) => (
        <a
          key={id}
          href={providerUrl(id, next)}
          className="flex h-10 items-center justify-center rounded-control border border-line bg-raise font-medium text-sm hover:bg-hover"
        >
          {t('auth.with', { name })}
        </a>
      ))}
    </div>
  );
}
