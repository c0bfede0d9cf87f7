//! Customers: whom a merchant knows.

use serde_json::{Value, json};

use super::desk::Desk;
use super::error::{Error, Result};
use super::listing::{Listed, Page};
use super::metadata::Metadata;
use super::params::Params;
use crate::shelf::Kept;

#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    created: i64,
    address: Value,
    description: Option<String>,
    pub(crate) email: Option<String>,
    metadata: Metadata,
    pub(crate) name: Option<String>,
    pub(crate) phone: Option<String>,
    shipping: Value,
    pub(crate) default_payment_method: Option<String>,
}

impl Kept for Customer {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Customer {
    const KIND: &'static str = "customer";

    fn created(&self) -> i64 {
        self.created
    }
}

impl Customer {
    pub(crate) fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "object": "customer",
            "address": self.address,
            "balance": 0,
            "created": self.created,
            "currency": null,
            "customer_account": null,
            "default_source": null,
            "delinquent": false,
            "description": self.description,
            "discount": null,
            "email": self.email,
            "invoice_prefix": self.id.get(self.id.len().saturating_sub(8)..).unwrap_or("").to_uppercase(),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": self.default_payment_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": 1,
            "phone": self.phone,
            "preferred_locales": [],
            "shipping": self.shipping,
            "tax_exempt": "none",
            "test_clock": null,
        })
    }

    fn change(&mut self, params: &mut Params) -> Result<()> {
        params.set("description", &mut self.description)?;
        params.set("email", &mut self.email)?;
        params.set("name", &mut self.name)?;
        params.set("phone", &mut self.phone)?;
        self.metadata.change(params)?;
        if let Some(address) = params.object("address")? {
            self.address = whole_address(&address);
        }
        if let Some(shipping) = params.object("shipping")? {
            self.shipping = shipping;
            if self.shipping.is_object() {
                self.shipping["address"] = whole_address(&self.shipping["address"]);
            }
        }
        Ok(())
    }
}

/// An address with all the vendor's fields.
pub(crate) fn whole_address(given: &Value) -> Value {
    if given.is_null() {
        return Value::Null;
    }
    let fields = ["city", "country", "line1", "line2", "postal_code", "state"];
    fields.into_iter().map(|field| (field.to_owned(), given[field].clone())).collect()
}

impl Desk<'_> {
    fn new_customer(&mut self) -> Customer {
        Customer {
            id: format!("cus_{}", self.bench.entropy.token(14)),
            created: self.now_s,
            address: Value::Null,
            description: None,
            email: None,
            metadata: Metadata::default(),
            name: None,
            phone: None,
            shipping: Value::Null,
            default_payment_method: None,
        }
    }

    /// Keeps a customer that a checkout made.
    pub(crate) fn open_customer(&mut self, email: Option<String>, name: Option<String>) -> String {
        let customer = Customer { email, name, ..self.new_customer() };
        self.keep_customer(customer)
    }

    fn keep_customer(&mut self, customer: Customer) -> String {
        let (id, shown) = (customer.id.clone(), customer.shown());
        self.account.customers.put(customer);
        self.announce("customer.created", shown);
        id
    }

    pub(crate) fn create_customer(&mut self, mut params: Params) -> Result<Value> {
        let mut customer = self.new_customer();
        customer.change(&mut params)?;
        let method = params.text("payment_method")?;
        params.finish()?;
        let id = self.keep_customer(customer);
        if let Some(method) = method {
            self.attach_method(&method, &id)?;
        }
        self.customer(&id).map(Customer::shown)
    }

    /// A customer by an id in a path.
    pub(crate) fn customer(&self, id: &str) -> Result<&Customer> {
        self.account.customers.get(id).ok_or_else(|| Error::no_such("customer", id, "id"))
    }

    /// A customer by an id that was a parameter.
    pub(crate) fn customer_param(&self, params: &mut Params) -> Result<Option<String>> {
        let Some(id) = params.text("customer")? else { return Ok(None) };
        match self.account.customers.get(&id) {
            Some(_) => Ok(Some(id)),
            None => Err(Error::no_such_param("customer", &id, "customer")),
        }
    }

    pub(crate) fn update_customer(&mut self, id: &str, mut params: Params) -> Result<Value> {
        let mut customer = self.customer(id)?.clone();
        let before = customer.shown();
        customer.change(&mut params)?;
        if let Some(mut settings) = params.group("invoice_settings")? {
            settings.set("default_payment_method", &mut customer.default_payment_method)?;
            settings.finish()?;
            if let Some(method) = &customer.default_payment_method {
                self.method_of(method, id)?;
            }
        }
        params.finish()?;
        let shown = customer.shown();
        self.account.customers.put(customer);
        self.announce_change("customer.updated", &before, shown.clone());
        Ok(shown)
    }

    pub(crate) fn delete_customer(&mut self, id: &str, params: Params) -> Result<Value> {
        let shown = self.customer(id)?.shown();
        params.finish()?;
        self.account.customers.remove(id);
        self.announce("customer.deleted", shown);
        Ok(json!({ "id": id, "object": "customer", "deleted": true }))
    }

    pub(crate) fn list_customers(&self, mut params: Params) -> Result<Value> {
        let page = Page::take(&mut params)?;
        let email = params.text("email")?;
        params.finish()?;
        let customers = self.account.customers.newest_first();
        let wanted = customers.filter(|customer| email.is_none() || customer.email == email);
        page.of(wanted, "/v1/customers", Customer::shown)
    }
}
