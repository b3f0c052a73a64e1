/** The vendor object on Location, EVSE, Connector and Tariff; a PATCH merges it one level deep. HERE reference, section 14. */
export const hereKey = 'here_ext';
