"""The answers to the questions of the chapters' votes.

They stand here, so that no cell gives its answer away while the reader guesses.
"""

TEXT = """
One sample of the score function estimator: how often does it have the wrong sign?
    half of the time
Which estimator has the smaller variance for cos(3z), at mu = 2 and sigma = 1?
    score function

M = 10,000 pairs; h = 1, 0.1, 0.01 or 0.001: which one comes closest to 15?
    0.1 here; the two smallest are far off
Common random numbers: what does the standard error do as h falls from 1 to 0.001?
    it stays the same
A step, common random numbers: how does the variance depend on a small h?
    it grows like 1/h

A minus sign, a lost logarithm, a copied line: which changes does the check refuse?
    the first two
Which constant c makes the variance of E1 smallest, for z^2 + c at N(2, 1)?
    some c < 0
Adding a constant to r can change the variance of only one of the two.
    true: it changes that of the score function, and never that of the pathwise one
Z uniform on [0, theta], r(z) = z, truth +1/2: what is the mean of E1?
    -1/2

In the last line we write sigma' where sigma' eps belongs. Does the check notice?
    yes
E2 for the step, averaged over 100,000 samples: what will it report?
    0, small error bar
If r has a step, both estimators fail.
    false: at a step E1 is right, only E2 fails
If r is continuous, both estimators are unbiased.
    false: continuity is not enough for E2
The ramp becomes ten times narrower. What happens to the variance of E2?
    it grows tenfold

E1 has variance 87, E2 has 4. How large are their standard errors with M = 1,000?
    0.29 and 0.06
E1 and E2 use the same eps. What is the variance of the difference of their terms?
    neither: with the same eps it is 63
Would a test with a tolerance of 10 % notice the forgotten factor?
    no
How many samples does E1 need to be as good as E2 with 1,000, for z^2 at N(2, 1)?
    about 21,750: the ratio 87/4 of the variances, times 1,000

From how many nodes on is the variance 87 of E1 exact, for z^2 at N(2, 1)?
    4: they are exact up to degree 7, and 3 nodes up to degree 5 only
Can a constant that is added to cos(2z) change which estimator wins?
    yes
At mu = 0 the costs sin(z), 1 - cos(z) and z - sin(z) are 0. Who wins for small sigma?
    E2 for all three
The cost is r = 10, so that Var r(Z) = 0. What is the variance of E1 at N(0.5, 1)?
    100
It has lower variance because only eps is random in it, and eps has variance 1.
    false: both are functions of the same eps, and E2 reaches 5000

The smooth form with r'' = 0, for |z| + 1 at N(0.3, 1): what does it give?
    less than the gap: the kink is missing
The cost cos(2z) at N(0.5, 1): where does the score function gain?
    near crests and troughs
For max(z - a, 0) at N(0, 1), a large, m1/m2 for mu tends to ...
    2
For r(z) = z^2 the pathwise estimator wins at every mu and sigma.
    true, for every quadratic and with any constant
For cos(1.05z) at N(0.967, 1) pathwise wins for mu and for sigma. For every phi?
    no

cos(kz) at N(1, 1), gradient for mu: at which k do the two variances tie?
    near k = 1, at 1.0638
cos(kz) at N(10, 1): how often does the lead for mu change hands as k goes from 0.1 to 3?
    three times
Pathwise loses badly on this ramp. How many of the pilot runs will say R < 1/3?
    more than two thirds
The pathwise estimator always has the lower variance.
    false: for cos(3z) the score function is better by a factor of nine

What does b = 100 do to the mean and to the variance of E1?
    only the variance rises, to about a hundred times 87
J as a baseline: what can be said of the variance, compared with no baseline?
    it may be more than without: see the last row
Batches of M = 2 samples, true gradient 4: what is the estimate on average?
    2: half the truth
z^2 at N(2, 1): no baseline has variance 87. Leave-one-out with only M = 2 samples?
    better: 76
With a fair E1 the lead changes at a smaller k. For which cost does k move more?
    the bump

For cos(1.58z) at N(1, 1): for which parameter does a pair help?
    for sigma; for mu a pair doubles the variance
cos(5z) at N(1, 1), d/dmu: E1 has variance 0.5. With a Taylor polynomial of order 2?
    more than 100: see the last row
z^2 at N(2, 1), 87 against 4: can E1 still contribute? With which weight w?
    w < 0: 4 becomes 2.41
Ordinary sampling has slope -1/2 on log-log axes. And Sobol points, for z^2 and the bump?
    steeper for the bump: -3/2, against about -1
Five costs without a step, mu and sigma: where does E2 beat all methods of values only?
    in 5, and if a slope counts 3, in 1

From d = 10 to d = 100, the variance of E1 for d/dmu_1 grows by a factor of about
    75: the variance is about 550 at d = 10 and about 41,400 at d = 100
In how many of the pilot runs does pathwise seem ahead of the best constant?
    about 70 %

Linear decoder: for which of mu_1, mu_2, sigma_1, sigma_2 does pathwise win?
    for all four, whatever the constant
At k = 4, E2 knows the slope of the decoder, E1 does not. Who has the lower variance?
    E1
Untrained network, all weights of the encoder: how large is Var E1 / Var E2?
    about 10,000

Which method will have the lowest best learning rate?
    score function
Compared on L_5: which network is better, the one trained for L_1 or for L_5?
    the one for L_1, in this experiment

Draw bits from fixed noise, nudge theta by a millionth: by how much do the bits change?
    almost surely not at all
One bit, the best constant baseline: what is left of the variance?
    nothing
Concrete, T halved again and again: what happens to bias and variance?
    bias falls, variance rises
Which estimator has the smaller variance for the steep ramp, with a best baseline for E1?
    score function, by a factor of about ten

If that were the reason, E2's variance would be bounded. How large is it for cos(kz)?
    about k^2/2
Cost times the gradient of q, without the log: noisier than E1, or wrong?
    wrong; it is even less noisy
"""
LINES = [line.strip() for line in TEXT.splitlines() if line]
ANSWERS = dict(zip(LINES[::2], LINES[1::2], strict=True))  # question -> answer
