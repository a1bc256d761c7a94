scenario: no profile
