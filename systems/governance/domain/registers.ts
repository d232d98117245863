import type { Group, RegisterDefinition } from './register.ts';
import {
  attendances,
  audits,
  campaigns,
  courses,
  findings,
  handlers,
  inspectionAnswers,
  oaths,
} from './registers/assurance.ts';
import { boxes } from './registers/boxes.ts';
import {
  acknowledgements,
  contractDocuments,
  contractorReports,
  contracts,
  rules,
  subcontracts,
  workers,
} from './registers/contractor.ts';
import { destructionCertificates, diskExchanges } from './registers/disk-exchange.ts';
import { incidents, questions } from './registers/incident.ts';
import { lots, notices } from './registers/outgoing.ts';
import { personalFiles } from './registers/personal-file.ts';
import { copyTickets, releases } from './registers/release.ts';
import { dispatches, papers, places, stockTakings } from './registers/storage.ts';
import { handedData, workOrders } from './registers/work-order.ts';

/** Every register of the organisation, in the order in which they are shown. */
export const registers: readonly RegisterDefinition[] = [
  contracts,
  contractDocuments,
  subcontracts,
  oaths,
  rules,
  workers,
  acknowledgements,
  workOrders,
  handedData,
  contractorReports,
  handlers,
  courses,
  attendances,
  campaigns,
  inspectionAnswers,
  findings,
  audits,
  personalFiles,
  incidents,
  questions,
  places,
  papers,
  boxes,
  stockTakings,
  diskExchanges,
  destructionCertificates,
  dispatches,
  lots,
  notices,
  releases,
  copyTickets,
];

export const findRegister = (id: string): RegisterDefinition | undefined => registers.find((r) => r.id === id);
export const registersOf = (group: Group): readonly RegisterDefinition[] => registers.filter((r) => r.group === group);

export const groupTitles: Readonly<Record<Group, { readonly ja: string; readonly en: string }>> = {
  contractor: { ja: '委託', en: 'Contractors' },
  assurance: { ja: '研修・点検・監査', en: 'Assurance' },
  incident: { ja: '事故', en: 'Incidents' },
  contact: { ja: '問合せ', en: 'Questions' },
  storage: { ja: '保管・送付', en: 'Storage and dispatch' },
  release: { ja: '変更・複製', en: 'Releases and copies' },
};
