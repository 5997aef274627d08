"""In the shape of a first course on reinforcement learning, with numpy only."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="bandits",
    cells=(
        text(
            """
            # Assignment 1: Bandits and dynamic programming

            Welcome! Cells with a banner are graded. Do not change the signatures.
            """
        ),
        code(
            """
            import numpy as np
            import matplotlib.pyplot as plt

            N_STATES, N_ACTIONS = 6, 2
            GAMMA = 0.9

            def make_chain():
                # P[s, a, s'] and R[s, a]: action 1 walks right, action 0 left
                P = np.zeros((N_STATES, N_ACTIONS, N_STATES))
                R = np.zeros((N_STATES, N_ACTIONS))
                for s in range(N_STATES):
                    P[s, 0, max(s - 1, 0)] = 1.0
                    P[s, 1, min(s + 1, N_STATES - 1)] = 0.8
                    P[s, 1, s] += 0.2
                R[0, 0] = 0.1
                R[N_STATES - 1, 1] = 1.0
                return P, R

            P, R = make_chain()
            """
        ),
        text(
            """
            ## Section 1: Multi-armed bandits

            ### Section 1.1 - Argmax with random tie-breaking [10 pts]

            `np.argmax` always takes the first of several largest values. Implement
            `argmax_all(values)`, which gives the sorted list of the indices of all largest values.
            """
        ),
        boxed(
            '''
            # -----------
            # Graded Cell
            # -----------
            def argmax_all(values):
                """
                Takes in a list of numbers and returns the indices of its largest values.
                """
                top = float("-inf")
                ties = []
                for i in range(len(values)):
                    # if a value is higher than `top`, reset `ties`; if it is equal, add its index
                    # your code here
                    @@
                return ties
            ''',
            solved="""
            if values[i] > top:
                top = values[i]
                ties = [i]
            elif values[i] == top:
                ties.append(i)
            """,
            blank="",
            other="""
            if values[i] == max(values):
                ties = ties + [i]
            """,
            typed="ties = [0, 1]",
        ),
        code(
            """
            # Debugging cell
            assert argmax_all([0, 0, 0]) == [0, 1, 2]
            assert argmax_all([1, 5, 2]) == [1]
            print("Passed the asserts!")
            """
        ),
        text(
            """
            ### Section 1.2 - Incremental mean [10 pts]

            Implement `update(q, n, reward)`: the new mean of an arm after its `n`-th reward.
            """
        ),
        boxed(
            """
            # -----------
            # Graded Cell
            # -----------
            def update(q, n, reward):
                # your code here
                @@
            """,
            solved="return q + (reward - q) / n",
            blank="",
            other="return ((n - 1) * q + reward) / n",
            typed="return 0.5",
        ),
        text(
            """
            ### Section 1.3 - An agent [20 pts]

            Finish the class `GreedyAgent`: `act()` gives the first arm with the highest estimate,
            `learn(arm, reward)` counts the arm and updates its estimate.
            """
        ),
        boxed(
            """
            # -----------
            # Graded Cell
            # -----------
            class GreedyAgent:
                def __init__(self, n_arms):
                    self.q = np.zeros(n_arms)
                    self.n = np.zeros(n_arms, dtype=int)

                def act(self):
                    # your code here
                    @@

                def learn(self, arm, reward):
                    # your code here
                    @@
            """,
            solved=(
                "return int(np.argmax(self.q))",
                "self.n[arm] += 1\nself.q[arm] = update(self.q[arm], self.n[arm], reward)",
            ),
            blank=("", ""),
            other=(
                "best = [i for i, q in enumerate(self.q) if q == self.q.max()]\nreturn best[0]",
                "count = self.n[arm] + 1\nself.n[arm] = count\n"
                "self.q[arm] += (reward - self.q[arm]) / count",
            ),
            typed=("return 0", "pass"),
        ),
        text(
            """
            ## Section 2: Dynamic programming

            ### Section 2.1 - The value of a policy [15 pts]

            Compute `v_right`, the values of the states under the policy that always walks right,
            from the linear Bellman equation (discount `GAMMA`).
            """
        ),
        answer(
            """
            P_pi = P[:, 1]
            R_pi = R[:, 1]
            v_right = np.linalg.solve(np.eye(N_STATES) - GAMMA * P_pi, R_pi)
            print(np.round(v_right, 3))
            """,
            "# your code here\nv_right = None",
            other="""
            v_right = np.zeros(N_STATES)
            for _ in range(2000):
                v_right = R[:, 1] + GAMMA * P[:, 1] @ v_right
            """,
            typed="v_right = np.array([4.1, 5.0, 6.1, 7.4, 8.7, 10.0])",
        ),
        text(
            """
            ### Section 2.2 - Value iteration [25 pts]

            Implement `value_iteration(P, R, gamma, tol)`. It returns the values `V` and the greedy
            policy `pi` as two arrays.
            """
        ),
        boxed(
            """
            # -----------
            # Graded Cell
            # -----------
            def value_iteration(P, R, gamma=0.9, tol=1e-10):
                V = np.zeros(P.shape[0])
                # your code here
                @@
                return V, pi

            V, pi = value_iteration(P, R)
            print(V.round(2), pi)
            """,
            solved="""
            while True:
                Q = R + gamma * P @ V
                new_V = Q.max(axis=1)
                delta = np.abs(new_V - V).max()
                V = new_V
                if delta < tol:
                    break
            pi = Q.argmax(axis=1)
            """,
            blank="pi = None",
            other="""
            for _ in range(5000):
                V = np.max(R + gamma * np.einsum('sat,t->sa', P, V), axis=1)
            pi = np.argmax(R + gamma * np.einsum('sat,t->sa', P, V), axis=1)
            """,
            typed="pi = np.ones(P.shape[0], dtype=int)",
        ),
        text(
            """
            ### Section 2.3 - Q-learning [20 pts]

            Run tabular Q-learning for 3000 episodes of 20 steps and fill `Q_hat`, an array of shape
            (6, 2). Use `rng` for all draws.
            """
        ),
        answer(
            """
            rng = np.random.default_rng(7)
            Q_hat = np.zeros((N_STATES, N_ACTIONS))
            for episode in range(600):
                s = rng.integers(N_STATES)
                for step in range(20):
                    a = rng.integers(N_ACTIONS) if rng.random() < 0.5 else Q_hat[s].argmax()
                    s2 = rng.choice(N_STATES, p=P[s, a])
                    Q_hat[s, a] += 0.1 * (R[s, a] + GAMMA * Q_hat[s2].max() - Q_hat[s, a])
                    s = s2
            Q_hat.round(2)
            """,
            "rng = np.random.default_rng(7)\n# your code here\nQ_hat = None",
            other="""
            rng = np.random.default_rng(7)
            Q_hat = np.zeros((N_STATES, N_ACTIONS))
            for _ in range(900):
                state = int(rng.integers(N_STATES))
                for _ in range(20):
                    act = int(rng.integers(2))
                    nxt = int(rng.choice(N_STATES, p=P[state, act]))
                    target = R[state, act] + GAMMA * np.max(Q_hat[nxt])
                    Q_hat[state, act] = 0.9 * Q_hat[state, act] + 0.1 * target
                    state = nxt
            """,
            typed="rng = 0\nQ_hat = np.ones((6, 2))",
        ),
        text(
            """
            ### Section 2.4 [5 pts]

            Does Q-learning need the transition probabilities? Explain in one sentence.
            """
        ),
        reply(
            "No: it learns from transitions that it samples, and never reads the table.",
            "_Your answer here_",
            "It does not, since it samples.",
        ),
    ),
    tasks=(
        TaughtTask("Argmax with random tie-breaking", ("function",), points=10),
        TaughtTask("Incremental mean", ("function",), points=10),
        TaughtTask("An agent", ("function", "test"), points=20),
        TaughtTask("The value of a policy", ("value",), points=15),
        TaughtTask("Value iteration", ("function",), points=25, typed=0.5),
        TaughtTask("Q-learning [20 pts]", ("manual", "test", "value"), points=20),
        TaughtTask("transition probabilities", ("text", "manual"), points=5),
    ),
)
