import type { NoticeOffice } from '../service/notices/notice-deps.ts';

export const office: NoticeOffice = {
  ward: '目黒区',
  issuer: { title: '目黒区長', name: '見本 太郎' },
  contact: { office: '目黒区 税務課 課税係', telephone: '03-0000-0000', address: '東京都目黒区上目黒二丁目19番15号' },
  paymentMethod: '同封の納付書により、金融機関、コンビニエンスストア又はスマートフォン決済で納めてください。',
  slips: { storeCompany: '912345', taxItem: '003', taxOffice: '000' },
};
