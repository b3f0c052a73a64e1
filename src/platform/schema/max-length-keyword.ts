import { _, type CodeKeywordDefinition } from 'ajv/dist/2020.js';
import ucs2length from 'ajv/dist/runtime/ucs2length.js';

/**
 * `maxLength` as JSON Schema defines it, in characters (D-04), but without counting them where UTF-16 units already are
 * few enough: nearly every string of OCPI is. ajv's own keyword walks through every string.
 */
export const maxLengthKeyword: CodeKeywordDefinition = {
  keyword: 'maxLength',
  // Cut off what is too long before a pattern has to read it.
  before: 'pattern',
  type: 'string',
  schemaType: 'number',
  error: { message: 'is too long', params: ({ schemaCode }) => _`{limit: ${schemaCode}}` },
  code(cxt) {
    const { data, schemaCode, gen } = cxt;
    const count = gen.scopeValue('func', {
      ref: ucs2length.default,
      code: _`require("ajv/dist/runtime/ucs2length").default`,
    });
    cxt.fail(_`${data}.length > ${schemaCode} && ${count}(${data}) > ${schemaCode}`);
  },
};
