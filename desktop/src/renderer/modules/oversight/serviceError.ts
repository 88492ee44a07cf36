/** Why a call did not succeed, in plain words; the code is for support. */
export { errorText as serviceError } from '../../i18n/errorWords.ts';
