/**
 * 訓練用の認証器: AAGUID of the software authenticator that a town's pages bring. Its key lives in the browser's storage,
 * so it is no second factor in earnest; only a town accepts it.
 */
export const trainingAaguid = '6d757375-6269-4000-8000-747261696e31';
