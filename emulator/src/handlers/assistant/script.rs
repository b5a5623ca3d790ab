//! Executes scripts. The emulator has no shell: it executes `echo` with literal text, `exit` and `sleep`; all other commands succeed
//! without output.

use std::time::Duration;

/// The result of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Executed {
    /// Output.
    pub(super) output: String,
    /// Exit code.
    pub(super) exit_code: i64,
    /// Time that it takes.
    pub(super) duration: Duration,
}

/// Longest time that a script sleeps: a day.
const MAX_SLEEP: f64 = 86_400.0;

/// Executes a script. `line_end` ends the lines of its output.
pub(super) fn execute(script: &str, line_end: &str) -> Executed {
    let mut done = Executed::default();
    for command in commands(script) {
        let (name, arguments) = command.split_once(char::is_whitespace).unwrap_or((&command, ""));
        let arguments = arguments.trim();
        match name.trim_start_matches('@').to_ascii_lowercase().as_str() {
            "echo" => {
                let (ends, text) = match arguments.strip_prefix("-n") {
                    Some(text) if text.is_empty() || text.starts_with(' ') => (false, text.trim_start()),
                    _ => (true, arguments),
                };
                if let Some(text) = literal(text) {
                    done.output.push_str(&text);
                    done.output.push_str(if ends { line_end } else { "" });
                }
            }
            "sleep" => {
                let seconds = arguments.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds > 0.0);
                done.duration += Duration::from_secs_f64(seconds.unwrap_or_default().min(MAX_SLEEP));
            }
            "exit" => {
                // An exit code of a process has 8 bits.
                let code = arguments.trim_start_matches("/b").trim().parse::<i64>().unwrap_or_default();
                done.exit_code = code.rem_euclid(256);
                break;
            }
            _ => {}
        }
    }
    done
}

/// Splits a script at lines, `;` and `&&` outside of quotes. Comments are left out.
fn commands(script: &str) -> Vec<String> {
    let mut commands = vec![String::new()];
    let mut quote = None;
    let mut letters = script.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends = match letter {
            '\n' => true,
            ';' => quote.is_none(),
            '&' if quote.is_none() && letters.peek() == Some(&'&') => letters.next().is_some(),
            _ => false,
        };
        if ends {
            quote = None;
            commands.push(String::new());
            continue;
        }
        match quote {
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            Some(open) if open == letter => quote = None,
            _ => {}
        }
        if let Some(last) = commands.last_mut() {
            last.push(letter);
        }
    }
    let trimmed = commands.into_iter().map(|command| command.trim().to_owned());
    trimmed.filter(|command| !command.is_empty() && !command.starts_with('#')).collect()
}

/// Returns text without its quotes; `None` if a shell would replace a part of it, or write it elsewhere.
fn literal(text: &str) -> Option<String> {
    let mut plain = String::new();
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '|' | '>' | '<' | '&' | '*') => return None,
            (None | Some('"'), '$' | '`' | '\\') => return None,
            _ => plain.push(letter),
        }
    }
    quote.is_none().then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn outputs(script: &str, output: &str, exit_code: i64) {
        let done = execute(script, "\n");
        assert_eq!((done.output.as_str(), done.exit_code), (output, exit_code), "{script}");
    }

    #[test]
    fn scripts_echo_and_exit() {
        outputs("echo hello", "hello\n", 0);
        outputs("#!/bin/bash\nset -e\necho \"one; two\"; echo 'three' && echo -n four", "one; two\nthree\nfour", 0);
        outputs("echo before\nexit 3\necho after", "before\n", 3);
        outputs("exit 256", "", 0);
        outputs("df -h", "", 0);
        outputs("echo $HOME; echo x > file; echo a | grep a; echo 'open", "", 0);
        outputs("", "", 0);
    }

    #[test]
    fn scripts_sleep() {
        assert_eq!(execute("sleep 1.5; sleep 2", "\n").duration, Duration::from_millis(3500));
        assert_eq!(execute("sleep -1; sleep x; sleep nan", "\n").duration, Duration::ZERO);
    }
}
