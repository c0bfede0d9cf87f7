-- How the goods were taxed when they were agreed: the document says this, whatever becomes of the product. All three are null in
-- lines that are older than these columns, and in those that the release before still writes.
alter table order_lines
    add column hsn text,
    add column tax_treatment text constraint order_lines_treatment_known check (tax_treatment in ('exempt', 'taxable')),
    add column rate_percent_milli bigint constraint order_lines_rate_within check (rate_percent_milli between 0 and 100000),
    add constraint order_lines_taxed_at_a_rate check (
        (tax_treatment is not null and (tax_treatment = 'taxable') = (rate_percent_milli is not null))
        or (tax_treatment is null and rate_percent_milli is null and hsn is null)
    );
