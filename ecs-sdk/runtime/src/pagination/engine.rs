//! The part of streams that does not depend on the types of requests and responses.

use std::task::{Context, Poll, ready};

use super::{
    cursor::{Cursor, Next},
    flight::Flight,
    position::Position,
    style::PageStyle,
};
use crate::{
    call::{Call, Reply, decode_reply},
    error::{Error, ErrorKind, Result},
    model::Model,
    operation::OperationMeta,
};

/// Sends the requests for pages, one after another.
pub(super) struct Engine {
    call: Call,
    meta: &'static OperationMeta,
    /// The style of the operation.
    style: PageStyle,
    /// Path of the items in responses.
    items: &'static str,
    /// The size of pages, if the stream sets it.
    size: Option<u32>,
    /// Whether the request has the size of pages of a position.
    is_size_fixed: bool,
    /// The number of items of the first page to skip.
    skip: u64,
    /// The number of pages or items that are left to return, if it is limited.
    limit: Option<u64>,
    /// The unit of `limit`.
    unit: Unit,
    reads_ahead: bool,
    /// The place in the list. `None` before the first request.
    cursor: Option<Cursor>,
    flight: Option<Flight>,
    /// The position of the page that was returned last, before any of its items was used.
    current: Option<Position>,
    /// Whether the list has ended.
    is_complete: bool,
    /// Whether the stream has ended, because of an error or the end of the list.
    has_ended: bool,
    /// The error that comes instead of the next page.
    failure: Option<Error>,
}

/// The unit of the limit of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Pages.
    Pages,
    /// The items of pages.
    Items,
}

impl Engine {
    pub(super) fn new(call: Call, meta: &'static OperationMeta, style: PageStyle, items: &'static str) -> Self {
        Self {
            call,
            meta,
            style,
            items,
            size: None,
            is_size_fixed: false,
            skip: 0,
            limit: None,
            unit: Unit::Pages,
            reads_ahead: false,
            cursor: None,
            flight: None,
            current: None,
            is_complete: false,
            has_ended: false,
            failure: None,
        }
    }

    /// Sets the size of pages. It cannot change within a list, because numbers of pages depend on it.
    pub(super) fn set_size(&mut self, size: u32) {
        if self.cursor.is_none() && !self.is_size_fixed {
            self.size = Some(size);
        }
    }

    pub(super) fn set_limit(&mut self, limit: u64, unit: Unit) {
        (self.limit, self.unit) = (Some(limit), unit);
    }

    pub(super) fn read_ahead(&mut self) {
        self.reads_ahead = true;
    }

    /// Continues at a position.
    pub(super) fn resume(&mut self, request: &mut dyn Model, position: &Position) {
        (self.cursor, self.flight, self.current) = (None, None, None);
        (self.is_complete, self.has_ended) = (false, false);
        self.failure = position.apply(self.style, request).err();
        self.skip = position.skip();
        self.is_size_fixed = position.page_number().is_some();
        if self.is_size_fixed {
            self.size = None;
        }
    }

    /// Returns the position of the next page; `None` at the end of the list.
    pub(super) fn position(&self, request: &dyn Model) -> Option<Position> {
        let style = self.cursor.as_ref().map_or(self.style, Cursor::style);
        (!self.is_complete).then(|| Position::of(style, request, self.size).with_skip(self.skip))
    }

    /// Returns the position of the page that was returned last, before any of its items was used.
    pub(super) fn current(&self) -> Option<&Position> {
        self.current.as_ref()
    }

    /// Whether the stream returns no more pages.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended || self.limit == Some(0)
    }

    /// Polls for the next page, before it is decoded. The request is started if it is not in progress.
    pub(super) fn poll(&mut self, request: &mut dyn Model, context: &mut Context<'_>) -> Poll<Option<Result<Reply>>> {
        if self.has_ended() {
            return Poll::Ready(None);
        }
        if let Some(error) = self.failure.take() {
            self.has_ended = true;
            return Poll::Ready(Some(Err(error.with_call(self.meta.service.name, self.meta.name))));
        }
        if self.cursor.is_none() {
            let cursor = Cursor::new(self.style, self.items, request);
            cursor.style().set_size(request, self.size);
            self.cursor = Some(cursor);
        }
        let reply = loop {
            let start = || Flight::Polled(self.call.start(self.meta, request));
            if let Some(reply) = ready!(self.flight.get_or_insert_with(start).poll(context)) {
                break reply;
            }
            self.flight = None;
        };
        self.flight = None;
        self.has_ended = reply.is_err();
        Poll::Ready(Some(reply))
    }

    /// Decodes a page, and prepares the request for the next one.
    pub(super) fn finish(
        &mut self,
        reply: Reply,
        request: &mut dyn Model,
        response: &mut dyn Model,
        context: &mut Context<'_>,
    ) -> Result<()> {
        // Until the page is known to be correct.
        self.has_ended = true;
        decode_reply(reply, response)?;
        let Some(cursor) = &mut self.cursor else { return Ok(()) };
        let current = Position::of(cursor.style(), request, None);
        let before = cursor.count();
        let next = cursor.advance(request, response);
        let count = cursor.count() - before;
        let next = next.map_err(|message| self.error(message))?;
        let skipped = std::mem::take(&mut self.skip);
        self.current = Some(current.with_skip(skipped));
        if let Some(limit) = &mut self.limit {
            let used = if self.unit == Unit::Items { count.saturating_sub(skipped) } else { 1 };
            *limit = limit.saturating_sub(used);
        }
        self.is_complete = matches!(next, Next::End);
        self.has_ended = self.is_complete;
        if let Next::Failure(message) = next {
            self.failure = Some(self.error(message));
        } else if self.reads_ahead && !self.has_ended() {
            self.flight = Some(Flight::ahead(self.call.start(self.meta, request), context));
        }
        Ok(())
    }

    fn error(&self, message: String) -> Error {
        Error::new(ErrorKind::Decode, message).with_call(self.meta.service.name, self.meta.name)
    }
}
