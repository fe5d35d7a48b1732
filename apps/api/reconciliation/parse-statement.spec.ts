import fc from 'fast-check';
import { UnreadableStatement, type BankStatement } from './bank-statement.js';
import { keptStatement } from './kept-statement.js';
import { parseStatement } from './parse-statement.js';

const MT940 = [
  ':20:STMT-7',
  ':25:NG00DEMO0000000001',
  ':28C:7/1',
  ':60F:C260104NGN1000,00',
  ':61:2601050105D250,5NTRFNSS-20260105//BK-1',
  ':86:Settlement of the card network',
  'NSS-20260105',
  ':61:260105RD100,NMSCNONREF',
  ':61:2512310101C0,01NINTNONREF',
  ':86:Interest',
  ':62F:C260105NGN849,51',
  '-',
].join('\r\n');

const camt = (entries: string, opening = '1000.00', closing = '1000.00', more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${more}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S-1</Id>
<Acct><Id><IBAN>NG00DEMO0000000001</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="NGN">${opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-04</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="NGN">${closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-05</Dt></Dt></Bal>
${entries}</Stmt></BkToCstmrStmt></Document>`;

const attributes = (count: number): string => Array.from({ length: count }, (_, i) => `a${i}="1"`).join(' ');

const entry = (amount: string, side: string, more = '', currency = 'NGN'): string =>
  `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-05</Dt></BookgDt><ValDt><Dt>2026-01-05</Dt></ValDt>${more}</Ntry>`;

const read = (text: string, encoding: BufferEncoding = 'utf8'): BankStatement =>
  keptStatement(parseStatement(Buffer.from(text, encoding)));
const complaint = (text: string, encoding: BufferEncoding = 'utf8'): string => {
  try {
    read(text, encoding);
    return 'taken';
  } catch (error) {
    if (!(error instanceof UnreadableStatement)) throw error;
    return error.message;
  }
};

describe('MT940', () => {
  it('is read with its lines, their sides, dates and references', () => {
    expect(read(MT940)).toEqual({
      format: 'mt940',
      number: '7/1',
      account: 'NG00DEMO0000000001',
      currency: 'NGN',
      opened_on: '2026-01-04',
      closed_on: '2026-01-05',
      opening_balance: 100_000,
      closing_balance: 84_951,
      lines: [
        {
          amount: -25_050,
          booked_on: '2026-01-05',
          value_on: '2026-01-05',
          reference: 'NSS-20260105',
          text: 'Settlement of the card networkNSS-20260105',
        },
        { amount: 10_000, booked_on: '2026-01-05', value_on: '2026-01-05', reference: null, text: null },
        // Booked in the year after its value date.
        { amount: 1, booked_on: '2026-01-01', value_on: '2025-12-31', reference: null, text: 'Interest' },
      ],
    });
  });

  it('is read in Western European letters, and in several messages that follow each other', () => {
    expect(read(MT940.replace('Interest', 'Zinsen für Müller'), 'latin1').lines[2]?.text).toBe('Zinsen für Müller');
    const next =
      ':20:STMT-8\n:25:NG00DEMO0000000001\n:60F:C260105NGN849,51\n:61:260106D849,51NTRFX\n:62F:C260106NGN0,\n';
    expect(read(`${MT940}\n${next}`)).toMatchObject({ closed_on: '2026-01-06', closing_balance: 0 });
    const gap = next.replace(/849,51/g, '9,99');
    expect(complaint(`${MT940}\n${gap}`)).toMatch(/several accounts, or with a gap/);
  });

  it.each([
    ['no balances', ':20:X', /no statement|lacks/],
    ['a closing balance that is another one', MT940.replace('849,51', '849,52'), /do not add up/],
    ['a day that is none', MT940.replace('C260105NGN', 'C260230NGN'), /calendar/],
    ['a currency that is none', MT940.replace(/NGN/g, 'XXX'), /currency/],
    ['two currencies', MT940.replace('C260105NGN', 'C260105EUR'), /two currencies/],
    ['an amount of too many places', MT940.replace('250,5N', '250,505N'), /more places/],
    ['a line of no form', MT940.replace('2601050105D250,5', 'D250,5'), /field 61/],
    ['an end before its beginning', MT940.replace('60F:C260104', '60F:C260204'), /before it begins/],
    ['an amount beyond all numbers', MT940.replace('1000,00', '999999999999999,00'), /larger|add up/],
  ])('%s is refused', (_telling, text, expected) => {
    expect(complaint(text)).toMatch(expected);
  });
});

describe('camt.053', () => {
  it('is read with its lines, in any version', () => {
    const details =
      '<NtryDtls><TxDtls><Refs><EndToEndId>NSS-1</EndToEndId></Refs><RmtInf><Ustrd>Card &amp; more</Ustrd></RmtInf></TxDtls></NtryDtls>';
    const text = camt(entry('250.50', 'DBIT', details) + entry('0.5', 'CRDT'), '1000.00', '750.00');
    for (const xml of [text, text.replace(/ xmlns="[^"]+"/, ''), text.replace('053.001.08', '053.001.02')]) {
      expect(read(xml)).toMatchObject({
        format: 'camt053',
        account: 'NG00DEMO0000000001',
        closing_balance: 75_000,
        lines: [
          { amount: -25_050, booked_on: '2026-01-05', reference: 'NSS-1', text: 'Card & more' },
          { amount: 50, reference: null, text: null },
        ],
      });
    }
  });

  it('may have texts with as many signs of equality, and elements with 32 attributes', () => {
    const information = `<AddtlNtryInf ${attributes(32)}>${'a="b" '.repeat(40)}</AddtlNtryInf>`;
    expect(read(camt(entry('0', 'CRDT', information))).lines[0]?.text).toMatch(/^(?:a="b" ?){40}$/);
  });

  it('leaves out what is only announced', () => {
    const pending = entry('5', 'CRDT').replace('<Cd>BOOK</Cd>', '<Cd>PDNG</Cd>');
    expect(read(camt(pending)).lines).toEqual([]);
  });

  it.each([
    ['a document of its own type', camt('', '1000.00', '1000.00', '<!DOCTYPE x [<!ENTITY a "b">]>'), /document type/],
    ['an element of 60,000 attributes', camt('').replace('<Stmt>', `<Stmt ${attributes(60_000)}>`), /32 attributes/],
    ['broken XML', camt('').replace('</Stmt>', ''), /well-formed/],
    ['another message', '<Document><Other/></Document>', /no camt\.053/],
    ['no closing balance', camt('').replace('CLBD', 'XXXX'), /lacks/],
    ['a line of another currency', camt(entry('1', 'CRDT', '', 'EUR'), '1000', '1001'), /another currency/],
    ['a line of no side', camt(entry('1', 'BOTH'), '1000', '1001'), /credit or a debit/],
    ['an amount that is none', camt(entry('1e3', 'CRDT'), '1000', '2000'), /decimal/],
    ['an encoding that is not taken', camt('').replace('UTF-8', 'EBCDIC-US'), /encoding/],
  ])('%s is refused', (_telling, text, expected) => {
    expect(complaint(text)).toMatch(expected);
  });

  it('is refused where its bytes are not of its encoding', () => {
    expect(complaint(camt(entry('0', 'CRDT', '<AddtlNtryInf>Müller</AddtlNtryInf>')), 'latin1')).toMatch(/encoding/);
    expect(complaint(`\ufeff${camt('')}`, 'utf16le')).toMatch(/UTF-16/);
  });
});

describe('texts', () => {
  const said = (narration: string, reference = 'NONREF'): string =>
    [
      ':28C:1',
      ':60F:C260104NGN0,00',
      `:61:2601050105C1,NTRF${reference}`,
      `:86:${narration}`,
      ':62F:C260105NGN1,00',
    ].join('\n');
  const parts = `<NtryRef>${'r'.repeat(254)}😀</NtryRef><AddtlNtryInf>${'t'.repeat(499)}😀</AddtlNtryInf>`;

  it.each([
    ['MT940', said(`${'t'.repeat(499)}😀`, `${'r'.repeat(254)}😀`)],
    ['camt.053', camt(entry('1', 'CRDT', parts), '0', '1')],
  ])('of %s are shortened between characters, so that they can be stored', (_format, file) => {
    const [line] = read(file).lines;
    expect(line).toMatchObject({ reference: 'r'.repeat(254), text: 't'.repeat(499) });
  });

  it.each([
    ['MT940', said('x').replace(':60F', `:25:${'a'.repeat(63)}😀\n:60F`)],
    ['camt.053', camt('').replace('NG00DEMO0000000001', `${'a'.repeat(63)}😀`)],
  ])('of %s’s account too', (_format, file) => {
    expect(read(file).account).toBe('a'.repeat(63));
  });

  it('with a NUL are refused', () => {
    expect(complaint(said('a\0b'))).toMatch(/NUL/);
    expect(complaint(camt(entry('1', 'CRDT', '<NtryRef>a\0b</NtryRef>'), '0', '1'))).toMatch(/NUL/);
  });

  it('that are all but spaces take no more time than others', () => {
    // By the square of it this would take minutes.
    expect(read(said(`a${' '.repeat(500_000)}b`)).lines[0]?.text).toHaveLength(500);
  });

  it.each(['0000-01-01', '1899-12-31', '9999-12-31'])(
    'are no day where they say %s, which is no time of a bank',
    (day) => {
      expect(complaint(camt('').replace('2026-01-04', day))).toMatch(/calendar/);
    },
  );
});

describe('whatever is sent', () => {
  it('is a statement whose balances add up, or is refused as none', () => {
    const files = fc.constantFrom(MT940, camt(entry('1', 'CRDT'), '1000', '1001'));
    const cut = fc.record({
      file: files,
      at: fc.nat(2_000),
      drop: fc.nat(20),
      put: fc.string({ maxLength: 8, unit: 'binary' }),
    });
    const check = (bytes: Uint8Array): void => {
      try {
        const { opening_balance, closing_balance, lines } = keptStatement(parseStatement(bytes));
        expect(lines.reduce((sum, { amount }) => sum + amount, opening_balance)).toBe(closing_balance);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableStatement);
      }
    };
    fc.assert(
      fc.property(cut, ({ file, at, drop, put }) =>
        check(Buffer.from(file.slice(0, at) + put + file.slice(at + drop))),
      ),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => check(bytes)),
      { numRuns: 500 },
    );
  });
});
