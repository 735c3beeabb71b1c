-- Nominal less real yields of the same tenor and day, in percent
-- $nominal str : the name of the nominal curve
-- $since date : first day
WITH points AS (
{part curve_points}
), nominal AS (SELECT * FROM points WHERE curve = $nominal AND period >= $since),
linked AS (SELECT * FROM points WHERE curve <> $nominal AND period >= $since),
tenors AS (
    SELECT tenor, months FROM nominal INTERSECT SELECT tenor, months FROM linked
), days AS (SELECT period FROM nominal UNION SELECT period FROM linked)
SELECT days.period, tenors.tenor, tenors.months, nominal.value AS nominal, linked.value AS real,
    round(nominal.value - linked.value, 6) AS breakeven,
    greatest(nominal.known_at, linked.known_at) AS known_at
FROM days CROSS JOIN tenors
LEFT JOIN nominal ON nominal.period = days.period AND nominal.tenor = tenors.tenor
LEFT JOIN linked ON linked.period = days.period AND linked.tenor = tenors.tenor
ORDER BY days.period, tenors.months
