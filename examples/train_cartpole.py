"""Train and evaluate from Python, with the words of RL2: Worker, Agent, Model, Memory.

python examples/train_cartpole.py
"""

import gymnasium

import rl2graph
from rl2graph.agents import PPO, PPOConfig
from rl2graph.workers import MaxStepWorker

SPEC = """
encoder e = mlp(obs, hidden=[64, 64], activation=tanh)
pi = head(e)
v  = head(e)
"""

env = gymnasium.make_vec("CartPole-v1", num_envs=8, vectorization_mode="sync")
model = rl2graph.compile(SPEC, env=env, algo="ppo")
agent = PPO(model, PPOConfig(n_steps=128, minibatch_size=128, learning_rate=1e-3))

worker = MaxStepWorker(env, agent, max_steps=20_000)
progress = worker.run()
recent = [episode.episode_return for episode in progress.recent]
print(f"{progress.episodes} episodes, mean return of the last {len(recent)}: {sum(recent) / len(recent):.0f}")

obs, _ = env.reset(seed=1)
output = agent.act(obs)
print("actions", output.action, "values", output.value.round(1))
