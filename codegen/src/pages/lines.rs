//! The lines on which pages state members and error codes.

/// The places of an operation's rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    rows: Vec<Line>,
}

/// A row.
#[derive(Debug, Clone)]
struct Line {
    /// The member, as in reports but without marks of lists: `response Instances.Id`, `error 404 NotFound`.
    member: String,
    /// The page, as it was named.
    page: String,
    line: usize,
}

impl Lines {
    /// Adds a row. Of several rows about a member, the first counts.
    pub(super) fn add(&mut self, member: String, page: &str, line: usize) {
        self.rows.push(Line { member, page: page.to_owned(), line });
    }

    /// Page and line of a member: those of its row, or else of the struct that would have it, or of the first row of its
    /// table.
    pub(super) fn find(&self, member: &str) -> Option<(&str, usize)> {
        let member = member.split(" value `").next().unwrap_or(member).replace("[]", "");
        let exact = |member: &str| self.rows.iter().find(|row| row.member.eq_ignore_ascii_case(member));
        let mut around = member.as_str();
        loop {
            if let Some(row) = exact(around).or_else(|| self.within(around)) {
                return Some((&row.page, row.line));
            }
            let Some((outer, _)) = around.rsplit_once('.') else { break };
            around = outer;
        }
        let part = member.split(' ').next().unwrap_or_default();
        let row = self.rows.iter().find(|row| row.member.split(' ').next() == Some(part))?;
        Some((&row.page, row.line))
    }

    /// The row of a member that is in a wrapper which reports leave out: `Instances.Instance.Id` for `Instances.Id`.
    fn within(&self, member: &str) -> Option<&Line> {
        let (outer, name) = member.rsplit_once('.')?;
        self.rows.iter().find(|row| {
            let inner = row.member.strip_prefix(outer).and_then(|rest| rest.strip_prefix('.'));
            inner.and_then(|inner| inner.split_once('.')).is_some_and(|(_, last)| last == name)
        })
    }

    /// Page and line of the first row with a name, in any struct.
    pub(super) fn named(&self, name: &str) -> Option<(&str, usize)> {
        let row = self.rows.iter().find(|row| row.member.rsplit(['.', ' ']).next() == Some(name))?;
        Some((&row.page, row.line))
    }
}
