//! From the groups of a provider to a role of ours.

/// Which group gives which role. The first line that fits wins, so the strongest stands first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleMapping {
    lines: Vec<(String, String)>,
    otherwise: Option<String>,
}

impl RoleMapping {
    /// Pairs of a group and a role's name, and the role of those who are in none of the groups;
    /// without one they get none.
    pub fn new(lines: Vec<(String, String)>, otherwise: Option<String>) -> Self {
        Self { lines, otherwise }
    }

    /// The name of the role for a member of these groups. Names are compared exactly.
    pub fn role(&self, groups: &[String]) -> Option<&str> {
        let line = self.lines.iter().find(|(group, _)| groups.contains(group));
        line.map(|(_, role)| role.as_str()).or(self.otherwise.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_wins() {
        let line = |group: &str, role: &str| (group.to_owned(), role.to_owned());
        let mapping = RoleMapping::new(vec![line("it", "admin"), line("staff", "member")], None);
        let role = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
            mapping.role(&groups).map(str::to_owned)
        };
        assert_eq!(role(&["staff", "it"]).as_deref(), Some("admin"));
        assert_eq!(role(&["staff"]).as_deref(), Some("member"));
        for none in [&[][..], &["IT"], &["it "], &["guests"]] {
            assert_eq!(role(none), None, "{none:?}");
        }
        let mapping = RoleMapping::new(Vec::new(), Some("viewer".to_owned()));
        assert_eq!(mapping.role(&[]), Some("viewer"));
    }
}
