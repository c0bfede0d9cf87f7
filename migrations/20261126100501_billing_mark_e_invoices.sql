-- Whether a document has an e-invoice: it names a buyer who is registered for tax. Those that are older name nobody.
alter table documents
    add column e_invoice boolean not null default false;
